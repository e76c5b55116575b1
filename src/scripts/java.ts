import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { faults } from './faults.ts'

/** A Java runtime that was found. */
export interface Java {
  readonly path: string
  /** 11, 17, 21, … */
  readonly version: number
}

const oldest = 11

/**
 * Finds Java by JAVA_HOME, else on the PATH, and asks its version.
 * @throws scripts.javaMissing
 */
export async function findJava(environment: Readonly<Record<string, string | undefined>>): Promise<Java> {
  const home = environment.JAVA_HOME
  const folders = [
    ...(home === undefined || home === '' ? [] : [join(home, 'bin')]),
    ...(environment.PATH ?? '').split(delimiter).filter(Boolean),
  ]
  let tooOld: string | undefined
  for (const folder of folders) {
    const path = join(folder, process.platform === 'win32' ? 'java.exe' : 'java')
    const words = await versionWords(path)
    if (words === undefined) continue
    const version = majorVersion(words)
    if (version >= oldest) return { path, version }
    tooOld ??= `Java ${version} (${path})`
  }
  throw faults.javaMissing({ found: tooOld })
}

async function versionWords(path: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ['-version'], { env: {}, timeout: 20_000 })
    return stderr + stdout
  } catch {
    // Not there, or not a Java: the next folder may hold one.
    return undefined
  }
}

/** `17` of `version "17.0.15"`, `8` of `version "1.8.0_392"`; 0 where the words name none. */
function majorVersion(words: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(words) ?? []
  return Number(first === '1' ? second : first) || 0
}
