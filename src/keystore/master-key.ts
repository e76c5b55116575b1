import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { faults } from './faults.ts'
import { keyBytes } from './seal.ts'

/**
 * The master key from its file: 32 bytes in base64. On the first start, when no tenant exists, the file is created
 * with mode 0600; a file that is there is never written to.
 * @throws keystore.masterKeyMissing, keystore.masterKeyUnreadable
 */
export async function openMasterKey(given: {
  readonly file: string
  /** True when something is sealed under the key already: then a new key would make it unreadable for ever. */
  readonly tenantsExist: boolean
}): Promise<Buffer> {
  const present = await readKeyFile(given.file)
  if (present !== undefined) {
    await removeDrafts(given.file)
    return present
  }
  if (given.tenantsExist) throw faults.masterKeyMissing({ file: given.file })
  await createKeyFile(given.file)
  const created = await readKeyFile(given.file)
  if (created === undefined) throw faults.masterKeyUnreadable({ file: given.file, why: 'it vanished' })
  return created
}

/** The key in a file; undefined where there is no file. @throws keystore.masterKeyUnreadable */
export async function readKeyFile(file: string): Promise<Buffer | undefined> {
  const refuse = (why: string, cause?: unknown) => faults.masterKeyUnreadable({ file, why }, { cause })
  let text: string
  try {
    const { mode } = await stat(file)
    // Windows has no such bits; there the access list of the data folder protects the file.
    if (process.platform !== 'win32' && (mode & 0o027) !== 0) throw refuse('other accounts may read or change it')
    text = await readFile(file, 'latin1')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return undefined
    throw code === undefined || code.startsWith('keystore.') ? cause : refuse(`reading it failed with ${code}`, cause)
  }
  const key = keyOf(text)
  if (key === undefined) throw refuse('it does not hold 32 bytes in base64')
  return key
}

/** A key as it is written, 32 bytes in base64 with or without blanks around; undefined for any other text. */
export function keyOf(text: string): Buffer | undefined {
  const encoded = text.trim()
  const key = Buffer.from(encoded, 'base64')
  // Buffer skips what is no base64, so only a text that encodes back to itself is taken.
  return key.length === keyBytes && key.toString('base64') === encoded ? key : undefined
}

/** Writes a temporary file and links it: the key appears complete or not at all, and never replaces another. */
export async function createKeyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(draft, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Another process of the same start was first: its key counts, and it may have tidied our draft away.
    if (code !== 'EEXIST' && code !== 'ENOENT')
      throw faults.masterKeyUnreadable({ file, why: `creating it failed with ${code}` }, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

/** A start that was cut off right after the link left the key a second time, under the name of its draft. */
export async function removeDrafts(file: string): Promise<void> {
  const start = `${basename(file)}.`
  // A key that is mounted may lie in a folder that nobody may list: then no draft was ever written there.
  for (const name of await readdir(dirname(file)).catch(() => [])) {
    if (name.startsWith(start) && /^[0-9a-f]{12}$/.test(name.slice(start.length))) {
      await rm(join(dirname(file), name), { force: true })
    }
  }
}

/** Makes a name that was just given in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
