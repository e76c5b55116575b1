import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

import type { Tools } from './commands.ts'

/** The system's own folders only: what else is on a PATH may be writable by others. */
const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/run/current-system/sw/bin']

/** The search path for what the tools themselves call. */
export const toolPath = folders.join(':')

/** The tools that are installed. */
export function findTools(without: ReadonlySet<string>): Tools {
  const find = (name: string): string | undefined =>
    without.has(name) ? undefined : folders.map((folder) => join(folder, name)).find(executable)
  return {
    sh: find('sh'),
    env: find('env'),
    bwrap: find('bwrap'),
    unshare: find('unshare'),
    setpriv: find('setpriv'),
    prlimit: find('prlimit'),
  }
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
