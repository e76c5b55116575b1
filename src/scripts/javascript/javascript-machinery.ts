import { join } from 'node:path'

import type { Log } from '../../base/index.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { type SandboxChoice, trySandbox } from '../sandbox/try-sandbox.ts'
import { javaScriptArguments, javaScriptLimits, javaScriptProgram } from './javascript-program.ts'

/** What script processes are started with. */
export interface JavaScriptMachinery {
  /** Tried by the first call; again only when it did not work. @throws scripts.sandboxMissing */
  readonly ready: () => Promise<Sandbox>
  /** One start, ready to be made. */
  readonly prepare: () => ReturnType<Sandbox['prepare']>
}

/** Tries the sandbox with the engine, once. */
export function createJavaScriptMachinery(given: {
  readonly cacheFolder: string
  readonly memoryMb: number
  readonly sandbox: SandboxChoice
  readonly log: Log
}): JavaScriptMachinery {
  const { cacheFolder, memoryMb, sandbox: choice, log } = given
  const guarded = choice.without?.includes('guard') !== true
  const command = javaScriptArguments(memoryMb, guarded)
  let found: Promise<Sandbox> | undefined

  async function look(): Promise<Sandbox> {
    const program = await javaScriptProgram(guarded)
    const folder = join(cacheFolder, 'sandbox')
    return trySandbox({ language: 'JavaScript', program, trial: command, folder, choice, log })
  }

  function ready(): Promise<Sandbox> {
    found ??= look().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }

  return {
    ready,
    async prepare() {
      return (await ready()).prepare(command, javaScriptLimits(memoryMb))
    },
  }
}
