import { delimiter, join } from 'node:path'

import type { Log } from '../base/index.ts'
import { type ClassCache, createClassCache } from './class-cache.ts'
import { faults } from './faults.ts'
import type { GroovyChoice } from './groovy.ts'
import { hostClasses } from './host-jar.ts'
import { findJava, type Java } from './java.ts'
import { findSandbox, type Sandbox, type SandboxPart } from './sandbox/sandbox.ts'

/** How much of the sandbox must be there. */
export interface SandboxChoice {
  /** Whether scripts are refused where a needed layer is missing. */
  readonly required: boolean
  /** What is left out on purpose, to see what the rest holds. */
  readonly without?: readonly SandboxPart[]
}

/** What hosts are started with. */
export interface Machinery {
  /** Found out by the first call. @throws scripts.javaMissing, scripts.hostFailed, scripts.sandboxMissing */
  readonly ready: () => Promise<{
    readonly java: Java
    readonly classPath: string
    /** Version of Groovy. */
    readonly groovy: string
    readonly classCache: ClassCache
    readonly sandbox: Sandbox
    readonly guard: boolean
  }>
}

/** Looks for Java, compiles the host and tries the sandbox, once; again only when it did not work. */
export function createMachinery(given: {
  readonly cacheFolder: string
  readonly log: Log
  readonly groovy?: GroovyChoice
  readonly sandbox?: SandboxChoice
  readonly environment?: Readonly<Record<string, string | undefined>>
}): Machinery {
  const {
    log,
    cacheFolder,
    environment = process.env,
    sandbox: { required, without = [] } = { required: false },
  } = given
  let found: ReturnType<Machinery['ready']> | undefined

  async function look(): ReturnType<Machinery['ready']> {
    const java = await findJava(environment)
    const { classPath, groovy, key } = await hostClasses(java, cacheFolder, given.groovy)
    const classCache = createClassCache(join(cacheFolder, 'scripts'), key)
    const readable = classPath.split(delimiter)
    const trial = ['-XX:+UseSerialGC', '-Xmx64m', '-XX:-UsePerfData', '-cp', classPath, '--dry-run', 'sluice.host.Main']
    const sandbox = await findSandbox({ java, readable, trial, folder: join(cacheFolder, 'sandbox'), without })
    const missing = sandbox.missing.map(({ name, why }) => `${name} (${why})`)
    if (missing.length > 0) {
      if (required) throw faults.sandboxMissing({ missing })
      log.warn('SCRIPTS ARE NOT HELD BY A WHOLE SANDBOX: run no script you do not trust', { missing })
    }
    return { java, classPath, groovy, classCache, sandbox, guard: !without.includes('guard') }
  }

  return {
    ready() {
      found ??= look().catch((error: unknown) => {
        found = undefined
        throw error
      })
      return found
    },
  }
}
