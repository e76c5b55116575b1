import { buffer } from 'node:stream/consumers'

import { ZipFile } from 'yazl'

/** The earliest time a zip can hold: equal content gives equal bytes, whenever and wherever it is packed. */
const timestamp = new Date(1980, 0, 1)

/** Packs files into a zip, in the order given. The same files give the same bytes. */
export async function writeZip(files: Iterable<readonly [path: string, content: Uint8Array]>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [path, content] of files) {
    zip.addBuffer(Buffer.from(content), path, { mtime: timestamp, mode: 0o100644, forceDosTimestamp: true })
  }
  zip.end()
  return buffer(zip.outputStream)
}
