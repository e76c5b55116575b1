/** One frame of the pipe to a script host: a JSON header and the raw parts it refers to by number. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>
  readonly parts: readonly Buffer[]
}

const prefix = 8
/** Above this many bytes, parts are written as they are instead of being copied into one buffer with the header. */
const copyLimit = 262_144

/** The buffers of a frame: length of the header, length of the parts together (32 bits each), header, parts. */
export function encodeFrame(header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]): readonly Buffer[] {
  const json = JSON.stringify(parts.length === 0 ? header : { ...header, parts: parts.map((part) => part.length) })
  const rawLength = parts.reduce((sum, part) => sum + part.length, 0)
  const headerLength = Buffer.byteLength(json)
  const copied = rawLength <= copyLimit
  const start = Buffer.allocUnsafe(prefix + headerLength + (copied ? rawLength : 0))
  start.writeUInt32BE(headerLength, 0)
  start.writeUInt32BE(rawLength, 4)
  start.write(json, prefix, 'utf8')
  if (!copied) return [start, ...parts]
  let end = prefix + headerLength
  for (const part of parts) end += part.copy(start, end)
  return [start]
}

/** Takes chunks as they come and hands out whole frames. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = prefix
  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held < wanted) return
    let buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    for (;;) {
      wanted = buffer.length < prefix ? prefix : prefix + buffer.readUInt32BE(0) + buffer.readUInt32BE(4)
      if (buffer.length < wanted || buffer.length < prefix) break
      onFrame(decodeFrame(buffer.subarray(0, wanted)))
      buffer = buffer.subarray(wanted)
    }
    chunks = buffer.length === 0 ? [] : [buffer]
    held = buffer.length
  }
}

function decodeFrame(buffer: Buffer): Frame {
  let end = prefix + buffer.readUInt32BE(0)
  const header = JSON.parse(buffer.toString('utf8', prefix, end)) as Record<string, unknown>
  const lengths = (header.parts ?? []) as readonly number[]
  // Parts are copied out: a small body must not keep a chunk of many frames in memory.
  const parts = lengths.map((length) => Buffer.from(buffer.subarray(end, (end += length))))
  return { header, parts }
}
