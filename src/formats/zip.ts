import { crc32 } from 'node:zlib'

import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from 'yauzl'

import { Fault, wordsOf } from '../base/index.ts'
import { pathFlaw, shownPath } from './entry-path.ts'
import { faults } from './faults.ts'
import { createReadBudget, type ReadBudget } from './read-budget.ts'

/** How many times its packed size an entry may grow to, once it is larger than the free size. Real content stays below 100. */
const ratioLimit = 200
const ratioFreeBytes = 1024 * 1024

/**
 * Unpacks a zip that someone sent: path to content, folders left out. Nothing is unpacked before the names, sizes and
 * kinds of all entries have been checked, and nothing is unpacked beyond the size that was announced.
 * @throws every fault of `formats` about zips, paths and limits
 */
export async function readZip(
  input: Uint8Array,
  budget: ReadBudget = createReadBudget(),
): Promise<ReadonlyMap<string, Buffer>> {
  const zip = await openZip(input)
  const entries = await listEntries(zip, budget)
  const files = new Map<string, Buffer>()
  for (const [path, entry] of entries) files.set(path, await unpack(zip, path, entry))
  return files
}

/** True where the bytes begin as a zip with at least one entry does. */
export const looksLikeZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04

async function openZip(input: Uint8Array): Promise<ZipFile> {
  try {
    return await fromBufferPromise(Buffer.from(input.buffer, input.byteOffset, input.byteLength), {
      decodeStrings: false,
    })
  } catch (cause) {
    throw faults.zipUnreadable({ why: firstSentence(cause) }, { cause })
  }
}

/** All files of the zip, after every entry of its directory has passed every check that needs no content. */
async function listEntries(zip: ZipFile, budget: ReadBudget): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>()
  const seen = new Set<string>()
  try {
    for await (const entry of zip.eachEntry()) {
      budget.takeEntry()
      const path = checkedPath(entry)
      if (seen.has(path)) throw faults.entryTwice({ entry: shownPath(path) })
      seen.add(path)
      if (path.endsWith('/')) continue
      checkKind(path, entry)
      checkSize(path, entry, zip.fileSize, budget)
      entries.set(path, entry)
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.zipUnreadable({ why: firstSentence(cause) }, { cause })
  }
  for (const path of entries.keys()) refuseFileAsFolder(path, entries)
  return entries
}

function checkedPath(entry: Entry): string {
  const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true)
  const why = pathFlaw(path)
  if (why !== undefined) throw faults.pathUnsafe({ entry: shownPath(path), why })
  return path
}

function checkKind(path: string, entry: Entry): void {
  if (entry.isEncrypted()) throw faults.zipEncrypted({ entry: path })
  // The upper half holds the Unix mode where the zip was made on such a system; 0 elsewhere.
  const fileType = (entry.externalFileAttributes >>> 16) & 0o170000
  if (fileType === 0o120000) throw faults.pathUnsafe({ entry: path, why: 'it is a symbolic link' })
  if (fileType !== 0 && fileType !== 0o100000) throw faults.pathUnsafe({ entry: path, why: 'it is no plain file' })
  if (!entry.canDecodeFileData()) throw faults.zipMethodUnknown({ entry: path, method: entry.compressionMethod })
}

function checkSize(path: string, entry: Entry, zipSize: number, budget: ReadBudget): void {
  const { compressedSize, uncompressedSize } = entry
  if (compressedSize > zipSize) throw faults.zipEntryDamaged({ entry: path, why: 'it is larger than the zip' })
  if (uncompressedSize > ratioFreeBytes && uncompressedSize > compressedSize * ratioLimit) {
    throw faults.compressedTooFar({ entry: path, limit: ratioLimit })
  }
  budget.takeBytes(uncompressedSize, path)
}

function refuseFileAsFolder(path: string, entries: ReadonlyMap<string, Entry>): void {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const folder = path.slice(0, slash)
    if (entries.has(folder)) throw faults.pathUnsafe({ entry: path, why: `'${folder}' is a file, not a folder` })
  }
}

/** Content of an entry. The stream ends with an error as soon as it holds more or less than was announced. */
async function unpack(zip: ZipFile, path: string, entry: Entry): Promise<Buffer> {
  const content = Buffer.alloc(entry.uncompressedSize)
  let length = 0
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      length += (chunk as Buffer).copy(content, length)
    }
  } catch (cause) {
    throw faults.zipEntryDamaged({ entry: path, why: firstSentence(cause) }, { cause })
  }
  if (length !== content.length) throw faults.zipEntryDamaged({ entry: path, why: 'it ends too early' })
  if (crc32(content) !== entry.crc32 >>> 0) throw faults.zipEntryDamaged({ entry: path, why: 'its checksum is wrong' })
  return content
}

const firstSentence = (thrown: unknown): string => (wordsOf(thrown).split(/[.\n]/)[0] ?? '').trim()
