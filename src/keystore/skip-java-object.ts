/** What the stream has said so far, by the numbers under which it may refer to it again. */
interface ClassDescription {
  readonly fields: readonly { readonly type: string }[]
  readonly flags: number
  readonly above: ClassDescription | undefined
}

const sizes: Readonly<Record<string, number>> = { B: 1, C: 2, D: 8, F: 4, I: 4, J: 8, S: 2, Z: 1 }
const deepest = 32

/**
 * The place behind one serialized Java object (Java Object Serialization, 6) that begins at `from`. Nothing of it is
 * made: it is only known where it ends.
 * @throws Error when it is not such an object, or ends too early
 */
export function skipJavaObject(bytes: Buffer, from: number): number {
  let at = from
  const handles: (ClassDescription | undefined)[] = []
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('a Java object is cut off')
    at += length
    return bytes.subarray(at - length, at)
  }
  const byte = (): number => take(1).readUInt8()
  const text = (): string => take(take(2).readUInt16BE()).toString('latin1')

  if (take(4).readUInt32BE() !== 0xaced0005) throw new Error('it is not a Java object')
  content(0)
  return at

  function description(depth: number): ClassDescription | undefined {
    const tag = byte()
    if (tag === 0x70) return undefined
    if (tag === 0x71) return handles[take(4).readUInt32BE() - 0x7e0000]
    if (tag !== 0x72) throw new Error('a class is not described')
    text()
    take(8)
    const own = handles.length
    handles.push(undefined)
    const flags = byte()
    const count = take(2).readUInt16BE()
    const fields: { readonly type: string }[] = []
    for (let index = 0; index < count; index++) {
      const type = String.fromCharCode(byte())
      text()
      if (type === '[' || type === 'L') content(depth + 1)
      fields.push({ type })
    }
    annotations(depth)
    const described = { fields, flags, above: description(depth + 1) }
    handles[own] = described
    return described
  }

  function annotations(depth: number): void {
    while (bytes[at] !== 0x78) content(depth + 1)
    at++
  }

  function values(described: ClassDescription | undefined, depth: number): void {
    if (described === undefined) return
    values(described.above, depth)
    for (const { type } of described.fields) value(type, depth)
    if ((described.flags & 3) === 3) annotations(depth)
  }

  function value(type: string, depth: number): void {
    const size = sizes[type]
    if (size === undefined) content(depth + 1)
    else take(size)
  }

  function content(depth: number): void {
    if (depth > deepest) throw new Error('a Java object is nested too deeply')
    const tag = byte()
    if (tag === 0x70) return
    if (tag === 0x71) take(4)
    else if (tag === 0x74) {
      handles.push(undefined)
      text()
    } else if (tag === 0x77) take(byte())
    else if (tag === 0x73) {
      const described = description(depth)
      handles.push(undefined)
      values(described, depth)
    } else if (tag === 0x75) array(depth)
    else throw new Error('a Java object has a part of an unknown kind')
  }

  function array(depth: number): void {
    const place = at
    // The element type is the second letter of the name: `[B`. A reference to a class seen before has no name here.
    const type = bytes[place] === 0x72 ? String.fromCharCode(bytes[place + 4] ?? 0) : 'B'
    description(depth)
    handles.push(undefined)
    const length = take(4).readUInt32BE()
    const size = sizes[type]
    if (size !== undefined) take(size * length)
    else for (let index = 0; index < length; index++) content(depth + 1)
  }
}
