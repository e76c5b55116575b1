import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { glob, readlink, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** What a host is shown of the file system, read-only. */
export interface View {
  /** The program in its real place. */
  readonly java: string
  /** Files and folders, shown at the same place. */
  readonly paths: readonly string[]
}

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

/** The Java runtime with the libraries it needs, the tools that start it, and nothing else. */
export async function viewOf(java: string, tools: readonly string[]): Promise<View> {
  const program = await realpath(java)
  const home = dirname(dirname(program))
  const own = libraries.map((name) => join(home, 'lib', `${name}.so`)).filter((path) => existsSync(path))
  const shared = (await Promise.all([program, ...own, ...tools].map(neededBy))).flat()
  const outside = shared.filter((path) => !path.startsWith(`${home}/`))
  return { java: program, paths: [...new Set([home, ...(await linkedFrom(home)), ...tools, ...outside])] }
}

/** Absolute paths of the libraries that a program or library is linked with. */
async function neededBy(file: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ldd', [file], { env: { LC_ALL: 'C', PATH: process.env.PATH } })
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path)
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
