/** One frame of the pipe to a script host: a JSON header and the raw parts it refers to by number. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>
  readonly parts: readonly Buffer[]
}

const prefix = 8
/** Above this many bytes, parts are written as they are instead of being copied into one buffer with the header. */
const copyLimit = 262_144
/** Bytes of a header. Long texts are parts, so that only very many names and values come near it. */
const mostHeader = 67_108_864

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

/** What came over the pipe is no frame, or no frame that may come. */
export class BrokenFrame extends Error {}

/**
 * Takes chunks as they come and hands out whole frames. A script can write into the pipe of its host: nothing of what
 * comes is believed, and a frame may hold `mostRaw` bytes of parts.
 * @throws BrokenFrame from the function it returns, which must not be called again then
 */
export function createFrameReader(onFrame: (frame: Frame) => void, mostRaw = 1_073_741_824): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = prefix
  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held < wanted) return
    let buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    for (;;) {
      wanted = buffer.length < prefix ? prefix : lengthOf(buffer, mostRaw)
      if (buffer.length < wanted || buffer.length < prefix) break
      onFrame(decodeFrame(buffer.subarray(0, wanted)))
      buffer = buffer.subarray(wanted)
    }
    chunks = buffer.length === 0 ? [] : [buffer]
    held = buffer.length
  }
}

function lengthOf(buffer: Buffer, mostRaw: number): number {
  const [header, raw] = [buffer.readUInt32BE(0), buffer.readUInt32BE(4)]
  if (header > mostHeader || raw > mostRaw) throw new BrokenFrame(`a frame of ${header} and ${raw} bytes`)
  return prefix + header + raw
}

function decodeFrame(buffer: Buffer): Frame {
  let end = prefix + buffer.readUInt32BE(0)
  const header = headerOf(buffer.toString('utf8', prefix, end))
  const lengths = header.parts ?? []
  if (!Array.isArray(lengths) || !lengths.every((length) => Number.isSafeInteger(length) && length >= 0))
    throw new BrokenFrame('parts without lengths')
  if (lengths.reduce((sum: number, length: number) => sum + length, 0) !== buffer.readUInt32BE(4))
    throw new BrokenFrame('parts of another length')
  // Parts are copied out: a small body must not keep a chunk of many frames in memory.
  const parts = lengths.map((length: number) => Buffer.from(buffer.subarray(end, (end += length))))
  return { header, parts }
}

function headerOf(text: string): Readonly<Record<string, unknown>> {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    throw new BrokenFrame('a header that is no JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new BrokenFrame('a header of no fields')
  return header as Readonly<Record<string, unknown>>
}
