import { delimiter, join } from 'node:path'

import type { Log } from '../base/index.ts'
import { type ClassCache, createClassCache } from './class-cache.ts'
import type { GroovyChoice } from './groovy.ts'
import { makeArchive, readArchive } from './host-archive.ts'
import { type HostClasses, hostClasses } from './host-jar.ts'
import { findJava, type Java } from './java.ts'
import { javaProgram } from './java-program.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import { type SandboxChoice, trySandbox } from './sandbox/try-sandbox.ts'

/** What hosts are started with. */
export interface Machinery {
  /** Found out by the first call. @throws scripts.javaMissing, scripts.hostFailed, scripts.sandboxMissing */
  readonly ready: () => Promise<{
    readonly java: Java
    readonly classPath: string
    readonly archive: string | undefined
    readonly classes: HostClasses
    /** Version of Groovy. */
    readonly groovy: string
    readonly classCache: ClassCache
    readonly sandbox: Sandbox
    readonly guard: boolean
  }>
  /** Makes what lets hosts of later processes start faster, unless it is there; resolves to whether it is. */
  readonly prepareStarts: (signal: AbortSignal) => Promise<boolean>
}

/** Looks for Java, compiles the host and tries the sandbox, once; again only when it did not work. */
export function createMachinery(given: {
  readonly cacheFolder: string
  readonly classFolder?: string
  readonly log: Log
  readonly groovy?: GroovyChoice
  readonly sandbox?: SandboxChoice
  readonly environment?: Readonly<Record<string, string | undefined>>
}): Machinery {
  const { log, cacheFolder, environment = process.env, sandbox: choice = { required: false } } = given
  const guard = choice.without?.includes('guard') !== true
  let found: ReturnType<Machinery['ready']> | undefined

  async function look(): ReturnType<Machinery['ready']> {
    const java = await findJava(environment)
    const classes = await hostClasses(java, cacheFolder, given.groovy)
    const { classPath, groovy, key } = classes
    const archive = await readArchive(java, classes)
    const classCache = createClassCache(given.classFolder ?? join(cacheFolder, 'scripts'), key)
    const program = await javaProgram(
      java,
      [...classPath.split(delimiter), ...(archive === undefined ? [] : [archive])],
      guard,
    )
    const trial = ['-XX:+UseSerialGC', '-Xmx64m', '-XX:-UsePerfData', '-cp', classPath, '--dry-run', 'sluice.host.Main']
    const folder = join(cacheFolder, 'sandbox')
    const sandbox = await trySandbox({ language: 'Groovy', program, trial, folder, choice, log })
    return { java, classPath, archive, classes, groovy, classCache, sandbox, guard }
  }

  function ready(): ReturnType<Machinery['ready']> {
    found ??= look().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }

  return {
    ready,
    async prepareStarts(signal) {
      const { java, classes } = await ready()
      return makeArchive(java, classes, signal)
    },
  }
}
