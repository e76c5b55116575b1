import type { Unplaced } from './stored-event.ts'
import type { Writer } from './writer.ts'

/** Events that are written a little later, equal ones of one second as one. */
export interface NoteBuffer {
  /** Never waits and never throws. */
  readonly add: (event: Unplaced) => void
  /** Writes what is there. @throws audit.notRecorded, and then keeps it */
  readonly flush: () => Promise<void>
  /** How many events wait. */
  readonly size: () => number
}

const withinMilliseconds = 200
const retryMilliseconds = 1_000
const batchSize = 500

const keyOf = (event: Unplaced): string =>
  JSON.stringify([
    Math.floor(event.time / 1_000),
    event.user,
    event.source,
    event.via,
    event.action,
    event.objectType,
    event.objectId,
    event.details,
  ])

/** One for all events of a kind, when there is no room for each. Kinds are few, so their number is bounded. */
const foldedKey = ({ via, action, objectType }: Unplaced): string => JSON.stringify([via, action, objectType])

const folded = (event: Unplaced): Unplaced => ({
  ...event,
  user: '',
  source: '',
  objectId: '',
  details: '{"attributes":{"reason":"Too many at once to record each of them."},"changedAttributes":{}}',
})

/** Writes within 200 ms. While the store is down it keeps `capacity` different events, and of the others their number. */
export function createNoteBuffer(writer: Writer, capacity = 10_000): NoteBuffer {
  let entries = new Map<string, Unplaced>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  function put(key: string, event: Unplaced): boolean {
    const known = entries.get(key)
    if (known === undefined && entries.size >= capacity) return false
    const times = event.times + (known?.times ?? 0)
    entries.set(key, { ...event, time: Math.min(event.time, known?.time ?? event.time), times })
    return true
  }

  function keep(event: Unplaced): void {
    if (put(keyOf(event), event)) return
    const key = foldedKey(event)
    const known = entries.get(key)
    entries.set(key, known ? { ...known, times: known.times + event.times } : folded(event))
  }

  async function write(): Promise<void> {
    const all = [...entries.values()]
    entries = new Map()
    for (let from = 0; from < all.length; from += batchSize) {
      try {
        await writer.write(all.slice(from, from + batchSize))
      } catch (thrown) {
        for (const event of all.slice(from)) keep(event)
        schedule(retryMilliseconds)
        throw thrown
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const written = running.then(write)
    running = written.catch(() => {})
    return written
  }

  function schedule(milliseconds: number): void {
    // A failure was logged by the writer; the events are kept and tried again.
    timer ??= setTimeout(() => void flush().catch(() => {}), milliseconds).unref()
  }

  return {
    add: (event) => {
      keep(event)
      schedule(withinMilliseconds)
    },
    flush,
    size: () => entries.size,
  }
}
