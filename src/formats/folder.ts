import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { Fault, wordsOf } from '../base/index.ts'
import { pathFlaw, shownPath } from './entry-path.ts'
import { faults } from './faults.ts'
import { createReadBudget, type ReadBudget } from './read-budget.ts'

/** Folders that tools leave beside content and that never belong to it. */
const ignored = new Set(['.git', '.svn', 'node_modules'])

/**
 * Reads every file of a folder, as `readZip` reads a zip: path (with '/') to content, sorted by path. Links are
 * refused, not followed.
 * @throws formats.folderUnreadable, formats.pathUnsafe, formats.tooManyEntries, formats.tooLarge
 */
export async function readFolder(
  folder: string,
  budget: ReadBudget = createReadBudget(),
): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  try {
    await readInto(files, folder, '', budget)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.folderUnreadable({ folder, why: wordsOf(cause) }, { cause })
  }
  return files
}

async function readInto(files: Map<string, Buffer>, root: string, under: string, budget: ReadBudget): Promise<void> {
  const entries = await readdir(join(root, under), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory() && ignored.has(entry.name)) continue
    budget.takeEntry()
    const path = under === '' ? entry.name : `${under}/${entry.name}`
    const flaw = pathFlaw(path)
    if (flaw !== undefined) throw faults.pathUnsafe({ entry: shownPath(path), why: flaw })
    if (entry.isDirectory()) await readInto(files, root, path, budget)
    else files.set(path, await readPlainFile(join(root, path), path, budget))
  }
}

async function readPlainFile(file: string, path: string, budget: ReadBudget): Promise<Buffer> {
  const listed = await lstat(file)
  if (listed.isSymbolicLink()) throw faults.pathUnsafe({ entry: path, why: 'it is a symbolic link' })
  if (!listed.isFile()) throw faults.pathUnsafe({ entry: path, why: 'it is no plain file' })
  // O_NOFOLLOW: a link put there between the look and the opening is not followed either. Windows has no such flag.
  await using handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  const { size } = await handle.stat()
  budget.takeBytes(size, path)
  const content = Buffer.alloc(size)
  const { bytesRead } = await handle.read(content, 0, size, 0)
  return content.subarray(0, bytesRead)
}
