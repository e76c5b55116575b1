import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string | undefined
let count = 0

function openRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  // A database server under another account has to get through to its own folder in this one.
  chmodSync(folder, 0o755)
  // A process that a test left behind may still be writing: deleting is tried again.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Makes a folder that only its owner may enter and that is deleted when this process exits, whether tests failed or not. */
export function temporaryFolder(name: string): string {
  root ??= openRoot()
  const folder = join(root, `${name}-${++count}`)
  mkdirSync(folder, { mode: 0o700 })
  return folder
}
