import { createHash } from 'node:crypto'
import { glob, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

import { findGroovy } from '../groovy.ts'
import { buildJar, isWhole, sourceFolder } from '../host-jar.ts'
import type { Java } from '../java.ts'
import { faults } from '../faults.ts'

/** Our program around CodeNarc, below the folder of Groovy sources. */
const source = join('codenarc', 'review.groovy')

const mainClass = 'sluice.codenarc.Review'

/** What a review is started with. */
export interface CodeNarcClasses {
  readonly jars: readonly string[]
  /** Options and main class for the Java runtime; the names of rules follow. */
  readonly command: readonly string[]
}

/**
 * CodeNarc, as npm-groovy-lint brings it, with our program around it, which is compiled into `cacheFolder` when it or
 * CodeNarc has changed.
 * @throws scripts.reviewFailed, scripts.groovyMissing, scripts.hostFailed
 */
export async function findCodeNarc(java: Java, cacheFolder: string): Promise<CodeNarcClasses> {
  const groovy = await findGroovy('4')
  const parts = await packagedJars()
  const jars = [...parts, ...groovy.jars]
  const hash = createHash('sha256').update(groovy.version)
  for (const jar of jars) hash.update(`\0${jar}\0${(await stat(jar)).size}\0${(await stat(jar)).mtimeMs}`)
  for (const name of ['build.groovy', source]) hash.update(await readFile(join(sourceFolder, name)))
  const folder = join(cacheFolder, `codenarc-${hash.digest('hex').slice(0, 16)}`)
  const jar = join(folder, 'review.jar')
  if (!(await isWhole(jar))) await buildJar(java, jars, [source], folder, jar)
  const all = [jar, ...jars]
  return { jars: all, command: ['-cp', all.join(delimiter), mainClass] }
}

/** CodeNarc and the interface of the log that it writes to; not the server and the rest of npm-groovy-lint. */
async function packagedJars(): Promise<readonly string[]> {
  const found: string[] = []
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve('npm-groovy-lint')), 'java')
    for await (const name of glob(['CodeNarc-*.jar', 'slf4j-api-*.jar'], { cwd: folder }))
      found.push(join(folder, name))
  } catch {
    // The package is not installed: said below.
  }
  if (found.length !== 2)
    throw faults.reviewFailed({ why: 'the package npm-groovy-lint, which brings it, is not whole' })
  return found.sort()
}
