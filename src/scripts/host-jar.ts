import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { chmod, glob, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import { findGroovy, type GroovyChoice } from './groovy.ts'
import type { Java } from './java.ts'
import { findScriptLibraries } from './script-libraries.ts'

/** Where the sources of what we run on a JVM are. */
export const sourceFolder = join(import.meta.dirname, 'groovy')

/** What the host is started with. */
export interface HostClasses {
  /** The host and its API. */
  readonly jar: string
  /** For the option `-cp`: the host and its API, Groovy, and the libraries that are installed. */
  readonly classPath: string
  /** Version of Groovy. */
  readonly groovy: string
  /** The same for the same host, API, Groovy and libraries: scripts compiled with it need no compiler. */
  readonly key: string
}

/**
 * The classes of the script host. The host is written in Groovy and is compiled by Groovy into `cacheFolder` when its
 * sources, Groovy or the libraries have changed; a Java compiler is not needed.
 * @throws scripts.groovyMissing, scripts.hostFailed
 */
export async function hostClasses(
  java: Java,
  cacheFolder: string,
  choice: GroovyChoice = 'auto',
): Promise<HostClasses> {
  const [groovy, libraries] = await Promise.all([findGroovy(choice), findScriptLibraries()])
  const found = [...groovy.jars, ...libraries.jars]
  const sources = libraries.standIns.map((name) => join('api', 'stand-in', name))
  for await (const name of glob(['host/*.groovy', 'api/*.groovy'], { cwd: sourceFolder })) sources.push(name)
  sources.sort()
  const hash = createHash('sha256').update(groovy.version)
  // A library that the distribution updates keeps its name.
  for (const jar of found) hash.update(`\0${jar}\0${(await stat(jar)).size}\0${(await stat(jar)).mtimeMs}`)
  for (const name of ['build.groovy', ...sources]) hash.update(name).update(await readFile(join(sourceFolder, name)))
  const key = hash.digest('hex').slice(0, 32)
  const folder = join(cacheFolder, `groovy-${key.slice(0, 16)}`)
  const jar = join(folder, 'host.jar')
  if (!(await isWhole(jar))) await buildJar(java, found, sources, folder, jar)
  return { jar, classPath: [jar, ...found].join(delimiter), groovy: groovy.version, key }
}

export const digestOf = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')

/** Whether the file is there and is what was made. */
export async function isWhole(file: string): Promise<boolean> {
  try {
    return (await digestOf(file)) === (await readFile(`${file}.sha256`, 'utf8'))
  } catch {
    // Not there, or not readable: it is built anew, which says what is wrong.
    return false
  }
}

/** Compiles sources below `sourceFolder` with the Groovy among the jars into a jar. @throws scripts.hostFailed */
export async function buildJar(
  java: Java,
  jars: readonly string[],
  sources: readonly string[],
  folder: string,
  jar: string,
): Promise<void> {
  // Several tenants may build at once: each builds its own file, the same as the others'.
  const unfinished = `${jar}.${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const classPath = ['-cp', jars.join(delimiter), 'groovy.ui.GroovyMain']
    await promisify(execFile)(java.path, ['-XX:+UseSerialGC', ...classPath, 'build.groovy', unfinished, ...sources], {
      cwd: sourceFolder,
      env: {},
      timeout: 120_000,
    })
    // The sandbox shows the host this file only, and the host reads it as a user of its own; of other users nobody
    // gets into the folder.
    await chmod(unfinished, 0o644)
    await writeFile(`${unfinished}.sha256`, await digestOf(unfinished), { mode: 0o600 })
    await rename(unfinished, jar)
    await rename(`${unfinished}.sha256`, `${jar}.sha256`)
  } catch (cause) {
    await Promise.all([unfinished, `${unfinished}.sha256`].map((file) => rm(file, { force: true })))
    throw faults.hostFailed({ why: `it cannot be compiled into ${folder}: ${wordsOf(cause)}` }, { cause })
  }
}
