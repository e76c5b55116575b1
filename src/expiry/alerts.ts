import { type Log, wordsOf } from '../base/index.ts'
import type { AlertMemory } from './alert-memory.ts'
import type { CalendarEntry, ExpiryCalendar } from './contracts.ts'

/** A way by which people learn what expires. */
export interface AlertChannel {
  readonly name: string
  /** Delivers all at once; what it throws leaves them all to the next time. */
  readonly deliver: (entries: readonly CalendarEntry[]) => Promise<void> | void
}

export interface Alerts {
  /** Delivers what is due. To be called hourly, or more often; one call at a time. Never throws. */
  readonly check: () => Promise<void>
}

/**
 * Alerts at so many days before something ends, and when it has ended: each once per channel, object and validity. Of
 * several thresholds that were passed at once only the last counts.
 */
export function createAlerts(given: {
  readonly calendar: ExpiryCalendar
  readonly channels: readonly AlertChannel[]
  readonly memory: AlertMemory
  readonly log: Log
  readonly days?: readonly number[]
}): Alerts {
  const { calendar, channels, memory, log, days = [30, 14, 7, 1] } = given
  // What has ended has 0 days left, and less.
  const thresholds = [...days, 0].toSorted((one, other) => one - other)
  let running: Promise<void> | undefined

  const passed = ({ state, daysLeft }: CalendarEntry): number | undefined =>
    state === 'Expired' ? 0 : thresholds.find((threshold) => threshold > 0 && daysLeft <= threshold)

  async function check(): Promise<void> {
    const entries = await calendar.entries()
    const keys = new Set(channels.flatMap((channel) => entries.map((entry) => keyOf(channel, entry))))
    const delivered = new Map<string, number>()
    for (const channel of channels) {
      const due = entries.flatMap((entry) => {
        const threshold = passed(entry)
        const known = memory.lowest(keyOf(channel, entry)) ?? Infinity
        return threshold !== undefined && threshold < known ? [{ entry, threshold }] : []
      })
      if (due.length === 0) continue
      try {
        await channel.deliver(due.map(({ entry }) => entry))
        for (const { entry, threshold } of due) delivered.set(keyOf(channel, entry), threshold)
      } catch (thrown) {
        log.error('alerts were not delivered', { channel: channel.name, count: due.length, why: wordsOf(thrown) })
      }
    }
    memory.keep(delivered, keys)
  }

  return {
    check() {
      running ??= check()
        .catch((thrown: unknown) => log.error('what expires could not be looked through', { why: wordsOf(thrown) }))
        .finally(() => {
          running = undefined
        })
      return running
    },
  }
}

const keyOf = ({ name }: AlertChannel, { kind, id, until }: CalendarEntry): string =>
  JSON.stringify([name, kind, id, until])

/** Alerts as lines of the process log. */
export const logChannel = (log: Log): AlertChannel => ({
  name: 'log',
  deliver(entries) {
    for (const { kind, name, until, daysLeft, state, where, renewable } of entries) {
      const facts = { kind, name, until: new Date(until).toISOString(), daysLeft, where, renewable }
      if (state === 'Expired') log.error('something has expired', facts)
      else log.warn('something expires soon', facts)
    }
  },
})
