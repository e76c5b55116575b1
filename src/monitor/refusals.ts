import { type Clock, type Log, referenceId, silentLog, wordsOf } from '../base/index.ts'
import { type Counted, createMerger } from './merge-refusals.ts'
import type { RecordedRefusal, Refusal, RefusalStore } from './ports.ts'

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
const dropped = (count: number, time: number): RecordedRefusal => ({
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
  times: count,
})

/**
 * Collects refusals and writes them within half a second. A flood is merged into records that count; while the store is
 * down 10,000 records are kept, and the oldest dropped.
 */
export function createRefusalLog(given: {
  readonly store: RefusalStore
  readonly clock: Clock
  readonly log?: Log
}): RefusalLog {
  const { store, clock, log = silentLog } = given
  const recordOf = createMerger(clock)
  // A merged record waits once, however often it is counted meanwhile; written again, it replaces what it said before.
  let waiting = new Set<Counted>()
  let lost = 0
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  /** Writes the records that have waited longest; false when the store did not take them. */
  async function write(count: number): Promise<boolean> {
    const batch = waiting.values().take(count).toArray()
    const before = batch.map(({ written }) => written)
    const rows: RecordedRefusal[] = batch.map(({ refusal, times }) => ({ ...refusal, times }))
    const missing = lost
    if (missing > 0) rows.push(dropped(missing, clock.now()))
    lost = 0
    for (const record of batch) {
      record.written = record.times
      waiting.delete(record)
    }
    try {
      await store.add(rows)
      return true
    } catch (thrown) {
      lost += missing
      for (const [index, record] of batch.entries()) record.written = before[index] ?? 0
      waiting = new Set([...batch, ...waiting])
      trim()
      log.warn('refusals could not be written, trying again', { reason: wordsOf(thrown), waiting: waiting.size })
      return false
    }
  }

  // Only what waits now: a record of a flood waits again as soon as it is written.
  async function flush(): Promise<void> {
    let wanted = waiting.size
    while ((wanted > 0 || lost > 0) && (await write(Math.min(wanted, batchSize)))) {
      wanted = Math.max(0, wanted - batchSize)
    }
    if (waiting.size > 0 || lost > 0) schedule()
  }

  function trim(): void {
    const excess = Math.max(0, waiting.size - capacity)
    for (const record of waiting.values().take(excess)) {
      lost += record.times - record.written
      record.times = record.written
      waiting.delete(record)
    }
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
      waiting.add(recordOf(refusal))
      // Trimmed only now and then: finding the oldest again for each one would take long.
      if (waiting.size >= capacity + batchSize) trim()
      schedule()
    },
    list: async (wanted) => {
      await flushNow()
      return store.list(wanted)
    },
    stop: flushNow,
  }
}
