import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import type { Prepared } from '../sandbox/sandbox.ts'

/** What CodeNarc said of one script. */
export type Reviewed =
  | { readonly found: readonly (readonly [rule: string, line: number])[] }
  /** Why it was not, or not wholly, looked at. */
  | { readonly problem: string; readonly line: number }

/** How one process ended. */
export interface ReviewEnd {
  /** Whether it had begun at all. */
  readonly started: boolean
  /** What was said, from the first script on. */
  readonly reviewed: readonly Reviewed[]
  /** What became of the script that it ended in; undefined where it ended of itself. */
  readonly why: string | undefined
}

/** Exit code of a JVM that ran out of memory. */
const outOfMemory = 3
/** Bytes that a process may say of all its scripts; what says more was not written by us. */
const mostSaid = 64 * 1_048_576
const mostFound = 10_000

/** Lets one process read scripts until it has read all, or one takes longer than `limitMs`, or it dies. */
export async function reviewIn(
  prepared: Prepared,
  scripts: readonly Buffer[],
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<ReviewEnd> {
  const { descriptor } = prepared
  const child = spawn(prepared.command, prepared.arguments, {
    env: { ...prepared.env },
    cwd: prepared.cwd,
    stdio: ['pipe', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
  })
  prepared.started()
  const reviewed: Reviewed[] = []
  let started = false
  let killed: string | undefined
  let words = ''
  let said = 0
  const kill = (why: string): void => {
    killed ??= why
    child.kill('SIGKILL')
  }
  const abort = (): void => kill('there was no time left for it')
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const tooLong = (): void => kill(`it took longer than ${limitMs} ms`)
  // The start is not the fault of a script, and takes longer on a machine that has much to do.
  let timer = setTimeout(tooLong, limitMs + 30_000)
  const restart = (): void => {
    clearTimeout(timer)
    timer = setTimeout(tooLong, limitMs)
  }
  // A pipe that breaks is followed by the end of the process.
  child.stdin?.on('error', () => {})
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-500)
  })
  if (child.stdout !== null) {
    // Counted before lines are made of it: one that never ends must not fill our memory.
    child.stdout.on('data', ({ length }: Buffer) => {
      said += length
      if (said > mostSaid) kill('more was said of it than there can be')
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = readAnswer(line)
      restart()
      if (answer === undefined) return kill('an answer about it could not be read')
      if (answer === 'ready') started = true
      else if (answer !== 'begun') reviewed.push(answer)
    })
  }
  for (const script of scripts) {
    const length = Buffer.alloc(4)
    length.writeInt32BE(script.length)
    child.stdin?.write(length)
    child.stdin?.write(script)
  }
  child.stdin?.end()
  const why = await new Promise<string | undefined>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('close', (code, by) => {
      if (killed !== undefined) return resolve(killed)
      if (code === outOfMemory) return resolve('it needs too much memory')
      resolve(code === 0 ? undefined : `CodeNarc ended with ${by ?? `exit code ${code}`}: ${words.trim()}`)
    })
  })
  clearTimeout(timer)
  signal.removeEventListener('abort', abort)
  await prepared.ended()
  return { started, reviewed: reviewed.slice(0, scripts.length), why }
}

/** One line of the process, which is believed no more than the scripts that it read. */
function readAnswer(line: string): Reviewed | 'ready' | 'begun' | undefined {
  try {
    const { ready, begun, found, problem, line: at } = JSON.parse(line) as Readonly<Record<string, unknown>>
    if (ready === true) return 'ready'
    if (typeof begun === 'number') return 'begun'
    if (typeof problem === 'string') return { problem: problem.slice(0, 300), line: asLine(at) }
    if (!Array.isArray(found) || found.length > mostFound) return undefined
    return { found: (found as unknown[][]).map(([rule, place]) => [String(rule), asLine(place)] as const) }
  } catch {
    return undefined
  }
}

const asLine = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 1)
