import { setImmediate as turn } from 'node:timers/promises'
import { type Clock, type Log, wordsOf } from '../base/index.ts'
import type { MessageLogStore, RefusalStore } from './ports.ts'

/** Deletes what is older than it is kept, or more than is kept. */
export interface Retention {
  /** Deletes all that is due, in batches; returns how much it was. */
  readonly run: () => Promise<{ readonly messages: number; readonly refusals: number }>
  /** Runs now and every hour. */
  readonly start: () => void
  /** Ends the job, after the batch it is at. */
  readonly stop: () => Promise<void>
}

const day = 24 * 3_600_000
const everyHour = 3_600_000
const batchSize = 500

/** Keeps messages and refusals for `days`, and of refusals the newest million; contents of traces as long as each says. */
export function createRetention(given: {
  readonly messages: MessageLogStore
  readonly refusals: RefusalStore
  readonly clock: Clock
  readonly log: Log
  readonly days?: number
  readonly mostRefusals?: number
}): Retention {
  const { messages, refusals, clock, log, days = 30, mostRefusals = 1_000_000 } = given
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const ending = new AbortController()

  async function inBatches(expire: () => Promise<number>): Promise<number> {
    let total = 0
    for (let count = batchSize; count === batchSize && !ending.signal.aborted; total += count) {
      count = await expire()
      // SQLite works in this thread: between two batches calls get their turn.
      await turn()
    }
    return total
  }

  /** Refusals of one millisecond go together, so that a few less than the ceiling may stay. */
  async function refusalsBefore(before: number): Promise<number> {
    const tooMany = await refusals.timeOf(mostRefusals)
    return tooMany === undefined ? before : Math.max(before, tooMany + 1)
  }

  async function run(): Promise<{ readonly messages: number; readonly refusals: number }> {
    const now = clock.now()
    const before = now - days * day
    const deleted = await inBatches(() => messages.expire(before, now, batchSize))
    if (ending.signal.aborted) return { messages: deleted, refusals: 0 }
    const oldest = await refusalsBefore(before)
    return { messages: deleted, refusals: await inBatches(() => refusals.expire(oldest, batchSize)) }
  }

  async function runSafely(): Promise<void> {
    try {
      const deleted = await run()
      if (deleted.messages + deleted.refusals > 0) log.info('deleted what is no longer kept', { days, ...deleted })
    } catch (thrown) {
      log.warn('old messages could not be deleted; trying again in an hour', { reason: wordsOf(thrown) })
    }
  }

  const tick = (): void => {
    running = running.then(runSafely)
  }

  return {
    run,
    start: () => {
      tick()
      timer = setInterval(tick, everyHour).unref()
    },
    stop: async () => {
      ending.abort()
      clearInterval(timer)
      await running
    },
  }
}
