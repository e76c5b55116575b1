import { glob, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { faults } from './faults.ts'

/** Which Groovy is wanted: `2.4` as the original has it, `4`, or 2.4 where it is installed and 4 otherwise. */
export type GroovyChoice = 'auto' | '2.4' | '4'

/** A Groovy that was found. */
export interface Groovy {
  /** 2.4.21, 4.0.26, … */
  readonly version: string
  /** Jars of the parts that scripts may use. */
  readonly jars: readonly string[]
}

/** The rest of Groovy, such as its SQL and Swing parts, never gets on the class path. */
const parts = ['groovy', 'groovy-json', 'groovy-xml', 'groovy-templates', 'groovy-dateutil']

/** Where Debian's package `groovy` puts its jars. */
const installedFolder = '/usr/share/groovy/lib'

/** The jars of Groovy out of the npm package that brings them. */
const packagedFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('npm-groovy-lint')), 'java', 'groovy', 'lib')

async function groovyIn(folder: string): Promise<Groovy | undefined> {
  const jars: string[] = []
  let version: string | undefined
  for await (const name of glob('groovy*.jar', { cwd: folder })) {
    const [, part = '', ending] = /^(.+?)(?:-(\d[\d.]*))?\.jar$/.exec(name) ?? []
    if (!parts.includes(part)) continue
    if (part === 'groovy') version = ending
    // Links of a distribution lead out of its folder, and a sandbox shows only what is named.
    jars.push(await realpath(join(folder, name)))
  }
  return version === undefined ? undefined : { version, jars: jars.sort() }
}

/**
 * Finds the Groovy that scripts run in.
 * @throws scripts.groovyMissing
 */
export async function findGroovy(choice: GroovyChoice = 'auto', folder = installedFolder): Promise<Groovy> {
  const installed = choice === '4' ? undefined : await groovyIn(folder)
  if (installed?.version.startsWith('2.4.')) return installed
  const packaged = choice === '2.4' ? undefined : await groovyIn(packagedFolder())
  if (packaged !== undefined) return packaged
  throw faults.groovyMissing({ wanted: choice })
}
