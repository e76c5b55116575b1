/** Takes a stream of bytes in pieces of one's own choice. */
export interface ByteReader {
  /** So many bytes; undefined when there are not as many left. */
  readonly read: (bytes: number) => Promise<Buffer | undefined>
  /** All up to and with the next line feed; undefined when it does not come within so many bytes. */
  readonly readLine: (most: number) => Promise<Buffer | undefined>
  readonly atEnd: () => Promise<boolean>
}

/** Holds no more than what was asked for and the piece of the source that it was in. */
export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const pieces = source[Symbol.asyncIterator]()
  let held: Buffer[] = []
  let size = 0

  /** False when the source ended before so many bytes were there. */
  async function hold(bytes: number): Promise<boolean> {
    while (size < bytes) {
      const { done, value } = await pieces.next()
      if (done === true) return false
      held.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      size += value.byteLength
    }
    return true
  }

  function take(bytes: number): Buffer {
    const whole = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)
    held = [whole.subarray(bytes)]
    size -= bytes
    return whole.subarray(0, bytes)
  }

  return {
    read: async (bytes) => ((await hold(bytes)) ? take(bytes) : undefined),
    async readLine(most) {
      for (let looked = 1; looked <= most; looked++) {
        if (!(await hold(looked))) return undefined
        held = [Buffer.concat(held)]
        const end = held[0]?.subarray(0, most).indexOf('\n') ?? -1
        if (end >= 0) return take(end + 1)
        looked = Math.min(size, most)
      }
      return undefined
    },
    atEnd: async () => !(await hold(1)),
  }
}
