import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

import { createFrameReader, encodeFrame, type Frame } from '../frames.ts'

/** A running process with at most one job. */
export interface ScriptProcess {
  /** Keys of the folders that it knows. */
  readonly folders: Set<string>
  readonly pid: number
  readonly send: (header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]) => void
  /** While it works, the tenant process does not end for want of anything else to do. */
  readonly hold: (working: boolean) => void
  /** Ends it, whatever it does. */
  readonly kill: () => Promise<void>
}

const root = new URL('../../../', import.meta.url)
const main = fileURLToPath(new URL('./process-main.ts', import.meta.url))

/** All that a script process may read; it may write nothing and start nothing. */
const readable = ['package.json', 'src/scripts/', 'node_modules/@jitl/', 'node_modules/quickjs-emscripten-core/'].map(
  (path) => `--allow-fs-read=${fileURLToPath(new URL(path, root))}`,
)

/** Bytes of contents in one frame. */
const mostOutput = 134_217_728
/** KiB of stack; below the 8 MiB that systems give to a process. */
const stackKb = 6_000
/** MiB for what the process itself keeps, beside the memory of a script. */
const ownMb = 160

/** Starts a process for scripts: without environment, and without leave to open files or start others. */
export function startScriptProcess(given: {
  readonly memoryMb: number
  readonly onFrame: (frame: Frame) => void
  /** It has died by itself. */
  readonly onEnd: (why: string, words: string) => void
}): ScriptProcess {
  const flags = [
    '--permission',
    ...readable,
    `--stack-size=${stackKb}`,
    `--max-old-space-size=${ownMb}`,
    '--max-semi-space-size=2',
    '--disable-warning=ExperimentalWarning',
  ]
  const child = spawn(process.execPath, [...flags, main, String(given.memoryMb)], {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // The pipes of a child are sockets.
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as readonly Socket[]
  let killed = false
  let words = ''
  const ended = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      resolve()
      if (!killed) given.onEnd(why, words)
      killed = true
    }
    child.on('error', (error) => end(error.message))
    child.on('close', (code, signal) => end(endWords(code, signal, words)))
  })
  child.stdin.on('error', () => {
    // It has died; its end says so.
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000)
  })
  const read = createFrameReader(given.onFrame, mostOutput)
  child.stdout.on('data', (chunk: Buffer) => {
    if (killed) return
    try {
      read(chunk)
    } catch {
      // Whoever speaks like this is not the program that was started.
      child.kill('SIGKILL')
    }
  })

  return {
    folders: new Set(),
    pid: child.pid ?? 0,
    send(header, parts) {
      child.stdin.cork()
      for (const buffer of encodeFrame(header, parts)) child.stdin.write(buffer)
      child.stdin.uncork()
    },
    hold(working) {
      for (const handle of [child, ...pipes]) {
        if (working) handle.ref()
        else handle.unref()
      }
    },
    async kill() {
      killed = true
      child.ref()
      child.kill('SIGKILL')
      await ended
    },
  }
}

function endWords(code: number | null, signal: NodeJS.Signals | null, words: string): string {
  if (/heap out of memory|Reached heap limit/.test(words)) return 'it ran out of memory'
  return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`
}
