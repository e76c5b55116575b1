import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import type { Java } from './java.ts'

const sourceFolder = join(import.meta.dirname, 'groovy')
/** The parts of Groovy that scripts may use; the rest of the package never gets on the class path. */
const groovyParts = ['groovy', 'groovy-json', 'groovy-xml', 'groovy-templates', 'groovy-dateutil']

/** The jars of Groovy, out of the package that brings them. */
async function groovyJars(): Promise<readonly string[]> {
  const entry = createRequire(import.meta.url).resolve('npm-groovy-lint')
  const folder = join(dirname(entry), 'java', 'groovy', 'lib')
  const jars: string[] = []
  for await (const name of glob('groovy*.jar', { cwd: folder })) {
    if (groovyParts.includes(name.replace(/-[\d.]+\.jar$/, ''))) jars.push(join(folder, name))
  }
  return jars.sort()
}

/**
 * The class path of the script host. The host is written in Groovy and is compiled by Groovy into `cacheFolder` when
 * its sources or Groovy have changed; a Java compiler is not needed.
 * @throws scripts.hostFailed
 */
export async function hostClassPath(java: Java, cacheFolder: string): Promise<string> {
  const jars = await groovyJars()
  const sources: string[] = []
  for await (const name of glob(['host/*.groovy', 'api/*.groovy'], { cwd: sourceFolder })) sources.push(name)
  sources.sort()
  const hash = createHash('sha256').update(jars.join('\n'))
  for (const name of ['build.groovy', ...sources]) hash.update(name).update(await readFile(join(sourceFolder, name)))
  const folder = join(cacheFolder, `groovy-${hash.digest('hex').slice(0, 16)}`)
  const jar = join(folder, 'host.jar')
  if (!existsSync(jar)) await build(java, jars, sources, folder, jar)
  return [jar, ...jars].join(delimiter)
}

async function build(
  java: Java,
  jars: readonly string[],
  sources: readonly string[],
  folder: string,
  jar: string,
): Promise<void> {
  // Several tenants may build at once: each builds its own file, and the last one to be renamed stays.
  const unfinished = `${jar}.${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const classPath = ['-cp', jars.join(delimiter), 'groovy.ui.GroovyMain']
    await promisify(execFile)(java.path, ['-XX:+UseSerialGC', ...classPath, 'build.groovy', unfinished, ...sources], {
      cwd: sourceFolder,
      env: {},
      timeout: 120_000,
    })
    await rename(unfinished, jar)
  } catch (cause) {
    await rm(unfinished, { force: true })
    throw faults.hostFailed({ why: `it cannot be compiled into ${folder}: ${wordsOf(cause)}` }, { cause })
  }
}
