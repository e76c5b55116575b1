import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back to the system what this thread has used and needs no more, as after start, when loading a thousand modules
 * has left more garbage than they take. It stops the thread for about a tenth of a second. Not for a thread that answers
 * callers: measured, each message costs it a tenth more from then on.
 */
export function compactMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: object) => void
  setFlagsFromString('--no-expose-gc')
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
