/**
 * The names in a frame `sasl-mechanisms` (AMQP 1.0, part 5.3.3.1), given without its size: a described list whose
 * first field is a symbol or an array of symbols. Empty when the frame is another.
 */
export function amqpMechanisms(frame: Buffer): readonly string[] {
  const offset = (frame[0] ?? 0) * 4 - 4
  const body = frame.subarray(Math.max(offset, 4))
  const described = body[0] === 0 && ((body[1] === 0x53 && body[2] === 0x40) || (body[1] === 0x80 && body[9] === 0x40))
  if (!described) return []
  const list = body.subarray(body[1] === 0x53 ? 3 : 10)
  const fields = list[0] === 0xc0 ? list.subarray(3) : list[0] === 0xd0 ? list.subarray(9) : Buffer.alloc(0)
  switch (fields[0]) {
    case 0xa3:
    case 0xb3:
      return symbols(fields.subarray(1), fields[0], 1)
    case 0xe0:
      return symbols(fields.subarray(4), fields[3] ?? 0, fields[2] ?? 0)
    case 0xf0:
      return fields.length < 10 ? [] : symbols(fields.subarray(10), fields[9] ?? 0, fields.readUInt32BE(5))
    default:
      return []
  }
}

function symbols(bytes: Buffer, form: number, count: number): readonly string[] {
  const found: string[] = []
  const wide = form === 0xb3
  let rest = bytes
  while (found.length < Math.min(count, 100) && rest.length >= (wide ? 4 : 1)) {
    const length = wide ? rest.readUInt32BE(0) : (rest[0] ?? 0)
    const start = wide ? 4 : 1
    found.push(rest.subarray(start, start + length).toString('latin1'))
    rest = rest.subarray(start + length)
  }
  return found
}
