import { type Clock, type Log, referenceId, silentLog, wordsOf } from '../base/index.ts'
import type { Refusal, RefusalStore } from './ports.ts'

/** Where every refused connection and call is recorded. */
export interface RefusalLog {
  /** Never waits and never throws. */
  readonly add: (refusal: Refusal) => void
  /** Newest first, including those that were just added. */
  readonly list: RefusalStore['list']
  /** Writes what is left. */
  readonly stop: () => Promise<void>
}

const everyMilliseconds = 500
const batchSize = 1_000
const capacity = 10_000

/** How many refusals there is no record of, as a record. */
const dropped = (count: number, time: number): Refusal => ({
  reference: referenceId(),
  time,
  remoteAddress: '',
  certificate: undefined,
  method: '',
  endpoint: '',
  stage: 'log',
  code: 'monitor.refusalsDropped',
  reason: `${count} refusals came faster than they could be written and were not recorded.`,
  remedy: 'Look for a client that calls again and again, and block it in front of Sluice.',
  status: 0,
})

/** Collects refusals and writes them within half a second; keeps 10,000 while the store is down, dropping the oldest. */
export function createRefusalLog(given: {
  readonly store: RefusalStore
  readonly clock: Clock
  readonly log?: Log
}): RefusalLog {
  const { store, clock, log = silentLog } = given
  let waiting: Refusal[] = []
  let lost = 0
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    while (waiting.length > 0 || lost > 0) {
      const count = lost
      const batch = waiting.slice(0, batchSize)
      lost = 0
      waiting = waiting.slice(batchSize)
      try {
        await store.add(count > 0 ? [...batch, dropped(count, clock.now())] : batch)
      } catch (thrown) {
        lost += count
        waiting = [...batch, ...waiting]
        trim()
        log.warn('refusals could not be written, trying again', { reason: wordsOf(thrown), waiting: waiting.length })
        schedule()
        return
      }
    }
  }

  function trim(): void {
    if (waiting.length <= capacity) return
    lost += waiting.length - capacity
    waiting = waiting.slice(-capacity)
  }

  function flushNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    running = running.then(flush)
    return running
  }

  function schedule(): void {
    timer ??= setTimeout(() => void flushNow(), everyMilliseconds).unref()
  }

  return {
    add: (refusal) => {
      waiting.push(refusal)
      // Trimmed only now and then: dropping one at a time would copy the whole list each time.
      if (waiting.length >= capacity + batchSize) trim()
      schedule()
    },
    list: async (wanted) => {
      await flushNow()
      return store.list(wanted)
    },
    stop: flushNow,
  }
}
