import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

import { wordsOf } from '../../base/index.ts'
import { createFrameReader, encodeFrame, type Frame } from '../frames.ts'
import type { Prepared } from '../sandbox/sandbox.ts'

/** A process with at most one job. */
export interface ScriptProcess {
  /** Keys of the folders that it knows. */
  readonly folders: Set<string>
  /** 0 until it has been started. */
  readonly pid: () => number
  readonly send: (header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]) => void
  /** While it works, the tenant process does not end for want of anything else to do. */
  readonly hold: (working: boolean) => void
  /** Ends it, whatever it does. */
  readonly kill: () => Promise<void>
}

/** Bytes of contents in one frame. */
const mostOutput = 134_217_728
/** Exit code by which a shell and bubblewrap say that SIGKILL ended the process. */
const killedInside = 137

/** Starts a process for scripts in its sandbox. What is sent before it runs waits for it. */
export function startScriptProcess(given: {
  readonly prepare: () => Promise<Prepared>
  readonly onFrame: (frame: Frame) => void
  /** It has died by itself, or could not be started. */
  readonly onEnd: (why: string, words: string) => void
}): ScriptProcess {
  let child: ChildProcess | undefined
  let held = true
  let killed = false
  let words = ''
  const waiting: Buffer[][] = []
  const ended = start().then((why) => {
    if (!killed) given.onEnd(why, words)
    killed = true
  })

  /** Resolves when it has ended, with why. */
  async function start(): Promise<string> {
    try {
      const prepared = await given.prepare()
      try {
        return killed ? '' : await run(prepared)
      } finally {
        if (child === undefined) prepared.started()
        await prepared.ended()
      }
    } catch (error) {
      return wordsOf(error)
    }
  }

  async function run({ command, arguments: words, cwd, env, descriptor, started }: Prepared): Promise<string> {
    const own = spawn(command, words, {
      env: { ...env },
      cwd,
      stdio: ['pipe', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    })
    child = own
    started()
    const ends = new Promise<string>((resolve) => {
      own.once('error', (error) => resolve(error.message))
      own.once('close', (code, signal) => resolve(endWords(code, signal)))
    })
    listen(own)
    hold(held)
    for (const buffers of waiting.splice(0)) write(own, buffers)
    return ends
  }

  function listen(own: ChildProcess): void {
    const { stdin, stdout, stderr } = own
    stdin?.on('error', () => {
      // It has died; its end says so.
    })
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2_000)
    })
    const read = createFrameReader(given.onFrame, mostOutput)
    stdout?.on('data', (chunk: Buffer) => {
      if (killed) return
      try {
        read(chunk)
      } catch {
        // Whoever speaks like this is not the program that was started.
        own.kill('SIGKILL')
      }
    })
  }

  function write({ stdin }: ChildProcess, buffers: readonly Buffer[]): void {
    stdin?.cork()
    for (const buffer of buffers) stdin?.write(buffer)
    stdin?.uncork()
  }

  function hold(working: boolean): void {
    held = working
    if (child === undefined) return
    // The pipes of a child are sockets.
    const pipes = [child.stdin, child.stdout, child.stderr] as unknown as readonly Socket[]
    for (const handle of [child, ...pipes]) {
      if (working) handle.ref()
      else handle.unref()
    }
  }

  function endWords(code: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|Reached heap limit/.test(words)) return 'it ran out of memory'
    if (code === killedInside) return 'it was killed, by its memory limit or from outside'
    return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`
  }

  return {
    folders: new Set(),
    pid: () => child?.pid ?? 0,
    send(header, parts) {
      const buffers = [...encodeFrame(header, parts)]
      if (child === undefined) waiting.push(buffers)
      else write(child, buffers)
    },
    hold,
    async kill() {
      killed = true
      hold(true)
      child?.kill('SIGKILL')
      await ended
    },
  }
}
