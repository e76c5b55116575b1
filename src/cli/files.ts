import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import type { Session } from './session.ts'

type Place = Pick<Session, 'folder' | 'input'>

/** The bytes of a file, or of standard input for `-`. @throws cli.fileUnreadable */
export async function readBytes({ folder, input }: Place, file: string, what: string): Promise<Buffer> {
  if (file === '-') return Buffer.concat(await Array.fromAsync(input as AsyncIterable<Uint8Array>))
  try {
    return readFileSync(resolve(folder, file))
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : wordsOf(cause)
    throw faults.fileUnreadable({ what, file, why }, { cause })
  }
}

/** Asked before something is made that could not be written afterwards. @throws cli.fileExists */
export function requireNew({ folder }: Pick<Session, 'folder'>, ...files: readonly string[]): void {
  for (const file of files) if (file !== '' && existsSync(resolve(folder, file))) throw faults.fileExists({ file })
}

/**
 * Writes a new file, that only its owner can read where it holds a secret. Nothing is overwritten: a file that is
 * there keeps the permissions that it has.
 * @throws cli.fileExists, cli.fileUnwritable
 */
export function writeNew(
  { folder }: Pick<Session, 'folder'>,
  file: string,
  content: string | Uint8Array,
  secret: boolean,
): void {
  const path = resolve(folder, file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { flag: 'wx', mode: secret ? 0o600 : 0o644 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw faults.fileExists({ file }, { cause })
    throw faults.fileUnwritable({ file, why: wordsOf(cause) }, { cause })
  }
}
