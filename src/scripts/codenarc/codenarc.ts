import { join } from 'node:path'

import { Fault, type Log, wordsOf } from '../../base/index.ts'
import { faults } from '../faults.ts'
import { findJava } from '../java.ts'
import { javaFlags } from '../java-flags.ts'
import { javaProgram } from '../java-program.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { type SandboxChoice, trySandbox } from '../sandbox/try-sandbox.ts'
import { findCodeNarc } from './find-codenarc.ts'
import { type Reviewed, reviewIn } from './review-process.ts'

export type { Reviewed }

/** Lets CodeNarc read Groovy scripts. Nothing in a script is run, and the process that reads it stands in the sandbox. */
export interface CodeNarc {
  /**
   * What the rules of these names find in each script. Reviews that are asked for at once are made one by one.
   * @throws scripts.javaMissing, scripts.groovyMissing, scripts.sandboxMissing, scripts.reviewFailed
   */
  readonly review: (scripts: readonly Buffer[], rules: readonly string[]) => Promise<readonly Reviewed[]>
}

/** MB of heap. */
const heap = 256
/** MB that a JVM needs besides its heap. */
const besidesHeap = 512
const mostTasks = 128
/** Processes of one review that may die in scripts. */
const mostDeaths = 3

interface Found {
  readonly sandbox: Sandbox
  readonly command: readonly string[]
}

/** CodeNarc in a process of its own for each review; `scriptLimitMs` is for one script, `limitMs` for a review. */
export function createCodeNarc(given: {
  readonly cacheFolder: string
  readonly log: Log
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly sandbox?: SandboxChoice
  readonly scriptLimitMs?: number
  readonly limitMs?: number
}): CodeNarc {
  const { cacheFolder, log, environment = process.env, sandbox: choice = { required: false } } = given
  const { scriptLimitMs = 60_000, limitMs = 300_000 } = given
  let found: Promise<Found> | undefined
  let before: Promise<unknown> = Promise.resolve()

  async function look(): Promise<Found> {
    const java = await findJava(environment)
    const { jars, command } = await findCodeNarc(java, cacheFolder)
    const program = {
      ...(await javaProgram(java, jars, false)),
      guard: { on: false, why: 'a review runs no script' },
      users: 2_020_000_000,
    }
    const trial = ['-XX:+UseSerialGC', '-Xmx64m', '-XX:-UsePerfData', '--dry-run', ...command]
    const folder = join(cacheFolder, 'sandbox')
    const sandbox = await trySandbox({ language: 'CodeNarc', program, trial, folder, choice, log })
    // A review ends before the second compiler of the JVM would pay.
    return { sandbox, command: [...javaFlags(java, heap), '-XX:TieredStopAtLevel=1', ...command] }
  }

  async function ready(): Promise<Found> {
    try {
      return await (found ??= look())
    } catch (error) {
      found = undefined
      throw error instanceof Fault ? error : faults.reviewFailed({ why: wordsOf(error) }, { cause: error })
    }
  }

  async function review(scripts: readonly Buffer[], rules: readonly string[]): Promise<readonly Reviewed[]> {
    const { sandbox, command } = await ready()
    const signal = AbortSignal.timeout(limitMs)
    const reviewed: Reviewed[] = []
    for (let deaths = 0; reviewed.length < scripts.length; deaths += 1) {
      if (deaths > mostDeaths || signal.aborted) {
        const problem = signal.aborted ? 'there was no time left for it' : 'CodeNarc died in scripts before it'
        reviewed.push({ problem, line: 1 })
        continue
      }
      const prepared = await sandbox.prepare([...command, ...rules], { memoryMb: heap + besidesHeap, tasks: mostTasks })
      const {
        started,
        reviewed: told,
        why,
      } = await reviewIn(prepared, scripts.slice(reviewed.length), {
        limitMs: scriptLimitMs,
        signal,
      })
      if (!started && !signal.aborted) throw faults.reviewFailed({ why: why ?? 'it said nothing' })
      reviewed.push(...told)
      // It ended in the next script: that one is told, and the rest is read by another process.
      if (reviewed.length < scripts.length) reviewed.push({ problem: why ?? 'CodeNarc ended before it', line: 1 })
    }
    return reviewed
  }

  return {
    review(scripts, rules) {
      if (scripts.length === 0) return Promise.resolve([])
      const next = before.then(() => review(scripts, rules))
      before = next.catch(() => {})
      return next
    },
  }
}
