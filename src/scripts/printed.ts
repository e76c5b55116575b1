import type { Log } from '../base/index.ts'
import type { Run } from '../flow/index.ts'

/** What one call prints. */
export interface Printed {
  readonly add: (line: string) => void
  /** Writes it into the log, without the secrets of its message. */
  readonly show: () => void
}

/** Characters that one call may print; what comes after them is not shown. */
const mostPrinted = 1_048_576

/** Keeps what is printed until the call ends: a secret may stand on several lines, and is found only as a whole. */
export function createPrinted(run: Run | undefined, log: Log): Printed {
  const lines: string[] = []
  let size = 0
  return {
    add(line) {
      size += line.length + 1
      if (size <= mostPrinted) lines.push(line)
    },
    show() {
      if (run === undefined || size === 0) return
      const shown = (text: string): void => log.info('a script prints', { messageId: run.messageId, text })
      for (const line of run.lent.redactText(lines.join('\n')).split('\n')) shown(line)
      if (size > mostPrinted) shown(`(not shown: more than ${mostPrinted} characters)`)
    },
  }
}
