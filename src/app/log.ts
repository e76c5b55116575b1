import { pino } from 'pino'

import type { Log } from '../base/index.ts'

/** The process log on standard error, one JSON object a line. Standard output is for people. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error', fields: object): Log {
  const logger = pino({ level, base: { ...fields } }, pino.destination({ dest: 2, sync: true }))
  return {
    debug: (words, more) => logger.debug(more ?? {}, words),
    info: (words, more) => logger.info(more ?? {}, words),
    warn: (words, more) => logger.warn(more ?? {}, words),
    error: (words, more) => logger.error(more ?? {}, words),
  }
}
