import { buffer } from 'node:stream/consumers'

import { ZipFile } from 'yazl'

/** The earliest time a zip can hold: equal content gives equal bytes, whenever and wherever it is packed. */
const timestamp = new Date(1980, 0, 1)

/** A file for a zip; who unpacks it on Unix gets it with these permissions, 0644 when absent. */
export type ZippedFile = readonly [path: string, content: Uint8Array, permissions?: number]

/** Packs files into a zip, in the order given. The same files give the same bytes. */
export async function writeZip(files: Iterable<ZippedFile>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [path, content, permissions = 0o644] of files) {
    zip.addBuffer(Buffer.from(content), path, {
      mtime: timestamp,
      mode: 0o100000 | permissions,
      forceDosTimestamp: true,
    })
  }
  zip.end()
  return buffer(zip.outputStream)
}
