import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Limits } from '../sandbox/commands.ts'
import type { Program } from '../sandbox/view.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const main = fileURLToPath(new URL('./process-main.ts', import.meta.url))

/** All that a script process may read; it may write nothing and start nothing. */
const readable = ['package.json', 'src/scripts', 'node_modules/@jitl', 'node_modules/quickjs-emscripten-core'].map(
  (path) => join(root, path),
)

/** KiB of stack; below the 8 MiB that systems give to a process. */
const stackKb = 6_000
/** MiB for what the process itself keeps, beside the memory of a script. */
const ownMb = 160
/** MiB for contents on their way in and out, code, and threads of the process. */
const besides = 1_024
/** Times that the memory of a script is there: for each engine, and once more to put it back. */
const copies = 4
/** Threads of the process, and of those beside it: they have one user. */
const mostTasks = 128

/** Node.js with the engine, as a program to be held by the sandbox. */
export async function javaScriptProgram(guarded: boolean): Promise<Program> {
  const program = await realpath(process.execPath)
  return {
    path: program,
    readable: [program, ...readable],
    linked: [],
    guard: guarded
      ? { on: true, why: 'the permission model of Node.js, around an engine in WebAssembly' }
      : { on: false, why: 'it was left out' },
    users: 2_010_000_000,
  }
}

/** Arguments of Node.js for a script process. Without input it loads the engine and ends. */
export const javaScriptArguments = (memoryMb: number, guarded: boolean): readonly string[] => [
  ...(guarded ? ['--permission', ...readable.map((path) => `--allow-fs-read=${path}`)] : []),
  `--stack-size=${stackKb}`,
  `--max-old-space-size=${ownMb}`,
  '--max-semi-space-size=2',
  '--disable-warning=ExperimentalWarning',
  main,
  String(memoryMb),
]

/** What the kernel lets one process have. */
export const javaScriptLimits = (memoryMb: number): Limits => ({
  memoryMb: copies * memoryMb + ownMb + besides,
  tasks: mostTasks,
})
