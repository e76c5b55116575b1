import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { type Log, wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import { createFrameReader, encodeFrame, type Frame } from './frames.ts'
import type { Java } from './java.ts'
import { javaFlags } from './java-flags.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

/** A running script host. */
export interface HostProcess {
  /** Which start this is, counted by the caller: objects of one start mean nothing to the next. */
  readonly epoch: number
  /** Keys of the script folders that were sent. */
  readonly folders: Set<string>
  /** False where this Java has no guard against files, network and programs (24 and newer). */
  readonly guarded: boolean
  readonly pid: number
  readonly send: (header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]) => void
  /** Ends it at once. */
  readonly kill: () => void
  /** Closes the pipe, upon which the host ends by itself; resolves when it has ended and left nothing behind. */
  readonly end: () => Promise<void>
}

/** Milliseconds from start to the first frame. */
const startLimit = 60_000
/** Exit code of a JVM that ran out of memory. */
const outOfMemory = 3
/** Exit codes by which a shell and bubblewrap say that a signal ended the process. */
const bySignal = 128
/** Bytes that may wait for a host to read them; one that never reads must not fill our memory. */
const mostWaiting = 1_073_741_824
/** MB that a JVM needs besides its heap: code, classes, stacks, itself. */
const besidesHeap = 512
/** Times that the log repeats what one host says. */
const mostTold = 100
/** Threads of the host: those of scripts, those of the JVM, and some that scripts may start. */
const mostTasks = 128

/**
 * Starts a script host in its sandbox and waits until it is ready.
 * @throws scripts.hostFailed
 */
export async function startHostProcess(given: {
  readonly java: Java
  readonly classPath: string
  /** Classes of the class path in a form that starts faster. */
  readonly archive: string | undefined
  readonly sandbox: Sandbox
  readonly guard: boolean
  readonly maxHeapMb: number
  /** MB that one script may hand over. */
  readonly maxOutputMb: number
  readonly threads: number
  readonly epoch: number
  readonly log: Log
  readonly onFrame: (frame: Frame) => void
  /** Called once when the process has ended, however it ended; not when it never started. */
  readonly onEnd: (why: string) => void
}): Promise<HostProcess> {
  const { java, log, maxHeapMb, maxOutputMb, sandbox } = given
  const main = ['sluice.host.Main', String(given.threads), String(maxOutputMb), given.guard ? 'guard' : 'none']
  const shared = given.archive === undefined ? [] : [`-XX:SharedArchiveFile=${given.archive}`]
  const command = [...javaFlags(java, maxHeapMb), ...shared, '-cp', given.classPath, ...main]
  const prepared = await sandbox.prepare(command, { memoryMb: maxHeapMb + besidesHeap, tasks: mostTasks })
  const { descriptor } = prepared
  const child = spawn(prepared.command, prepared.arguments, {
    env: { ...prepared.env },
    cwd: prepared.cwd,
    stdio: ['pipe', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
  })
  prepared.started()
  const { input, output, errors } = pipesOf(child)
  // A pipe that breaks is followed by the end of the process, which is acted on.
  input.on('error', () => {})
  const saying = collectWords(errors, log)
  let broken: string | undefined
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(broken ?? endWords(code, signal)))
  })
  const tidied = ended.then(prepared.ended)
  const breakOff = (why: string): void => {
    broken ??= `its pipe was misused: ${why}`
    child.kill('SIGKILL')
  }

  const ready = await new Promise<Frame>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), startLimit)
    let started = false
    // The host keeps to its limit by itself; what is far above it was not written by the host.
    const read = createFrameReader((frame) => {
      if (started) return given.onFrame(frame)
      started = true
      clearTimeout(timer)
      resolve(frame)
    }, maxOutputMb * 2_097_152)
    output.on('data', (chunk: Buffer) => {
      if (broken !== undefined) return
      try {
        read(chunk)
      } catch (error) {
        breakOff(wordsOf(error))
      }
    })
    void ended.then((why) => {
      clearTimeout(timer)
      if (started) given.onEnd(why)
      else reject(faults.hostFailed({ why: `${why}. ${saying()}`.trim() }))
    })
  })

  return {
    epoch: given.epoch,
    folders: new Set(),
    guarded: ready.header.guarded === true,
    pid: child.pid ?? 0,
    send(header, parts) {
      if (input.writableLength > mostWaiting) return breakOff('it reads nothing')
      input.cork()
      for (const buffer of encodeFrame(header, parts)) input.write(buffer)
      input.uncork()
    },
    kill() {
      child.kill('SIGKILL')
    },
    async end() {
      input.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(timer)
      await tidied
    },
  }
}

function pipesOf({ stdin, stdout, stderr }: ChildProcess): { input: Writable; output: Readable; errors: Readable } {
  if (stdin === null || stdout === null || stderr === null) throw new Error('a host without pipes')
  return { input: stdin, output: stdout, errors: stderr }
}

/** Logs what the JVM itself says, and keeps the end of it for the fault of a failed start. */
function collectWords(errors: Readable, log: Log): () => string {
  let words = ''
  let told = 0
  createInterface({ input: errors }).on('line', (line) => {
    words = `${words}\n${line}`.slice(-2000)
    // Java 17 and newer announce on each start that the guard's base class will go. What writes without end must not
    // fill the log.
    if (line.trim() === '' || line.startsWith('WARNING: ') || (told += 1) > mostTold) return
    log.warn('the script host says', { text: line.slice(0, 2000) })
  })
  return () => words.trim()
}

function endWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === outOfMemory) return 'it ran out of memory'
  if (code === bySignal + 9) return 'it was killed, by its memory limit or from outside'
  return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`
}
