import { existsSync } from 'node:fs'
import { glob, readlink, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import type { Java } from './java.ts'
import type { Program } from './sandbox/view.ts'

/** Libraries of the runtime that need others of the system; the rest needs only these. */
const libraries = [
  'server/libjvm',
  'libjli',
  'libjava',
  'libnet',
  'libnio',
  'libzip',
  'libverify',
  'libjimage',
  'libextnet',
]

/** The Java runtime as a program to be held by the sandbox; `classPath` are the files it reads besides. */
export async function javaProgram(java: Java, classPath: readonly string[], guarded: boolean): Promise<Program> {
  const program = await realpath(java.path)
  const home = dirname(dirname(program))
  const words = `Java ${java.version}`
  return {
    path: program,
    readable: [home, ...(await linkedFrom(home)), ...classPath],
    linked: libraries.map((name) => join(home, 'lib', `${name}.so`)).filter((path) => existsSync(path)),
    guard:
      java.version < 24 && guarded
        ? { on: true, why: `the security manager of ${words}` }
        : { on: false, why: `${words} has no security manager` },
    users: 2_000_000_000,
  }
}

/** Distributions keep the settings of a runtime elsewhere, and link to them. */
async function linkedFrom(home: string): Promise<readonly string[]> {
  const targets = new Set<string>()
  for await (const name of glob(['conf/**', 'lib/*', 'lib/{server,security}/*'], { cwd: home })) {
    const path = join(home, name)
    const target = await readlink(path).then(
      (to) => resolve(dirname(path), to),
      () => undefined,
    )
    // `/etc/alternatives` and certificates are no part of the runtime.
    if (target !== undefined && !target.startsWith(`${home}/`) && existsSync(target)) targets.add(target)
  }
  return [...targets]
}
