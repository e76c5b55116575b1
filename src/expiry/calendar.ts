import type { Clock } from '../base/index.ts'
import type { CalendarEntry, Expiring, ExpiryCalendar, ExpirySource } from './contracts.ts'

export const day = 86_400_000
const criticalDays = 30

/** Everything that expires, of all sources. */
export const createExpiryCalendar = ({
  sources,
  clock,
}: {
  readonly sources: readonly ExpirySource[]
  readonly clock: Clock
}): ExpiryCalendar => ({
  async entries() {
    const found = (await Promise.all(sources.map(async (source) => source()))).flat()
    const now = clock.now()
    return found
      .map((expiring) => entryOf(expiring, now))
      .toSorted((one, other) => one.until - other.until || (one.id < other.id ? -1 : 1))
  },
})

function entryOf(expiring: Expiring, now: number): CalendarEntry {
  const daysLeft = Math.floor((expiring.until - now) / day)
  const state = expiring.until <= now ? 'Expired' : expiring.until - now <= criticalDays * day ? 'Critical' : 'Valid'
  return { ...expiring, state, daysLeft }
}

/** Days that are left of what ends first, for each kind: what metrics show without naming anything. */
export function soonestByKind(entries: readonly CalendarEntry[]): ReadonlyMap<string, number> {
  const soonest = new Map<string, number>()
  for (const { kind, daysLeft } of entries) soonest.set(kind, Math.min(daysLeft, soonest.get(kind) ?? Infinity))
  return soonest
}
