import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

import type { Log } from '../base/index.ts'
import { faults } from './faults.ts'
import { createFrameReader, encodeFrame, type Frame } from './frames.ts'
import type { Java } from './java.ts'

/** A running script host. */
export interface HostProcess {
  /** Which start this is, counted by the caller: objects of one start mean nothing to the next. */
  readonly epoch: number
  /** Keys of the script folders that were sent. */
  readonly folders: Set<string>
  /** False where this Java has no guard against files, network and programs (24 and newer). */
  readonly contained: boolean
  readonly pid: number
  readonly send: (header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]) => void
  /** Ends it at once. */
  readonly kill: () => void
  /** Closes the pipe, upon which the host ends by itself; resolves when it has ended. */
  readonly end: () => Promise<void>
}

/** Milliseconds from start to the first frame. */
const startLimit = 60_000
/** Exit code of a JVM that ran out of memory. */
const outOfMemory = 3

const flags = (java: Java, maxHeapMb: number): readonly string[] => [
  `-Xmx${maxHeapMb}m`,
  '-Xms16m',
  '-XX:+UseSerialGC',
  '-XX:MinHeapFreeRatio=20',
  '-XX:MaxHeapFreeRatio=40',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
  '-XX:+DisableAttachMechanism',
  '-Xshare:auto',
  // The standard output belongs to frames: whatever the JVM itself has to say goes to the standard error.
  '-Xlog:disable',
  '-Xlog:all=error:stderr',
  '-XX:+DisplayVMOutputToStderr',
  '-XX:+ErrorFileToStderr',
  '-XX:-CreateCoredumpOnCrash',
  '-Dfile.encoding=UTF-8',
  '-Duser.timezone=UTC',
  '-Duser.language=en',
  '-Duser.country=US',
  '-Djava.awt.headless=true',
  '-Dgroovy.grape.enable=false',
  // XML parsers of scripts load nothing from outside.
  '-Djavax.xml.accessExternalDTD=',
  '-Djavax.xml.accessExternalSchema=',
  '-Djavax.xml.accessExternalStylesheet=',
  // Java 12 to 23 need to be told that the guard may be set; earlier and later ones do not know the word.
  ...(java.version >= 12 && java.version < 24 ? ['-Djava.security.manager=allow'] : []),
]

/**
 * Starts a script host: with an empty environment, in an empty folder of its own, with no file but its three pipes.
 * @throws scripts.hostFailed
 */
export async function startHostProcess(given: {
  readonly java: Java
  readonly classPath: string
  readonly maxHeapMb: number
  readonly threads: number
  readonly epoch: number
  readonly log: Log
  readonly onFrame: (frame: Frame) => void
  /** Called once when the process has ended, however it ended; not when it never started. */
  readonly onEnd: (why: string) => void
}): Promise<HostProcess> {
  const { java, log } = given
  const folder = await mkdtemp(join(tmpdir(), 'sluice-scripts-'))
  const child = spawn(
    java.path,
    [...flags(java, given.maxHeapMb), '-cp', given.classPath, 'sluice.host.Main', String(given.threads)],
    { env: {}, cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  // A pipe that breaks is followed by the end of the process, which is acted on.
  child.stdin.on('error', () => {})
  const saying = collectWords(child, log)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(endWords(code, signal)))
  })
  void ended.then(() => rm(folder, { recursive: true, force: true }))

  const ready = await new Promise<Frame>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), startLimit)
    let started = false
    child.stdout.on(
      'data',
      createFrameReader((frame) => {
        if (started) return given.onFrame(frame)
        started = true
        clearTimeout(timer)
        resolve(frame)
      }),
    )
    void ended.then((why) => {
      clearTimeout(timer)
      if (started) given.onEnd(why)
      else reject(faults.hostFailed({ why: `${why}. ${saying()}`.trim() }))
    })
  })

  return {
    epoch: given.epoch,
    folders: new Set(),
    contained: ready.header.contained === true,
    pid: child.pid ?? 0,
    send(header, parts) {
      child.stdin.cork()
      for (const buffer of encodeFrame(header, parts)) child.stdin.write(buffer)
      child.stdin.uncork()
    },
    kill() {
      child.kill('SIGKILL')
    },
    async end() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Logs what the JVM itself says, and keeps the end of it for the fault of a failed start. */
function collectWords(child: ChildProcessByStdio<Writable, Readable, Readable>, log: Log): () => string {
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2000)
    // Java 17 and newer announce on each start that the guard's base class will go.
    const news = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('WARNING: '))
    if (news.length > 0) log.warn('the script host says', { text: news.join('\n').slice(0, 2000) })
  })
  return () => words.trim()
}

function endWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === outOfMemory) return 'it ran out of memory'
  return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`
}
