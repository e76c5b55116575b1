import type { Session } from './session.ts'

const interval = 1_000

/**
 * Hands over what is new, oldest first, until the session's signal. `read` gets a point in time (milliseconds since
 * 1970) from which on it reads again; it goes back a little, because entries are written in batches.
 */
export async function follow<Item>(
  session: Session,
  given: {
    readonly read: (since: number | undefined) => Promise<readonly Item[]>
    readonly timeOf: (item: Item) => number | undefined
    /** What tells one item, in one state, from all others. */
    readonly keyOf: (item: Item) => string
    readonly show: (items: readonly Item[]) => void
  },
): Promise<void> {
  const overlap = 30_000
  const seen = new Map<string, number>()
  let newest: number | undefined
  while (!session.signal.aborted) {
    const since = newest === undefined ? undefined : newest - overlap
    const fresh = (await given.read(since)).filter((item) => !seen.has(given.keyOf(item)))
    fresh.sort((a, b) => (given.timeOf(a) ?? 0) - (given.timeOf(b) ?? 0))
    for (const item of fresh) {
      const time = given.timeOf(item) ?? 0
      newest = Math.max(newest ?? 0, time)
      seen.set(given.keyOf(item), time)
    }
    if (fresh.length > 0) given.show(fresh)
    // Twice the overlap: what is forgotten here is not read again.
    for (const [key, time] of seen) if (newest !== undefined && time < newest - 2 * overlap) seen.delete(key)
    await session.pause(interval)
  }
}
