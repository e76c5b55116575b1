/** A process of its own for the load, so that it never shares an event loop with what it measures. */
import { type ChildProcess, fork } from 'node:child_process'

import { type Load, type Result, runLoad } from './load.ts'

/** Runs the load in a child process. */
export async function loadFrom(load: Load): Promise<Result> {
  const child: ChildProcess = fork(import.meta.filename, [], { stdio: 'inherit' })
  try {
    return await new Promise<Result>((resolve, reject) => {
      child.once('message', (result) => resolve(result as Result))
      child.once('exit', (code) => reject(new Error(`the load ended with ${code}`)))
      child.send(load)
    })
  } finally {
    child.kill()
  }
}

if (process.argv[1] === import.meta.filename) {
  process.once('message', (load) => {
    void runLoad(load as Load).then((result) => process.send?.(result))
  })
}
