import { faults } from '../faults.ts'
import { zoneOf } from '../dates/zones.ts'
import { ticksOf } from './cron.ts'

/** When a timer starts: once, when its flow is deployed, or again and again. */
export type Schedule =
  | { readonly kind: 'once' }
  | {
      readonly kind: 'cron'
      /** Seven fields as Quartz has them: second minute hour day-of-month month day-of-week year. */
      readonly expression: string
      /** Name of a zone as Java knows it. */
      readonly timezone: string
    }

/**
 * Reads the pairs of a `scheduleKey` table (cells `0` and `1`); only `triggerType` and `schedule1` count (iflow-format 5.2).
 * @throws languages.scheduleMalformed
 */
export function readSchedule(rows: readonly Readonly<Record<string, string>>[]): Schedule {
  const settings = new Map(rows.map((row) => [(row['0'] ?? '').trim(), row['1'] ?? '']))
  const text = (settings.get('schedule1') ?? '').trim()
  const type = (settings.get('triggerType') ?? '').trim()
  if (settings.get('schedule2')?.trim()) throw malformed(text, 'it holds more than one schedule.')
  if (type === 'simple') {
    if (/^fireNow=true$/i.test(text)) return { kind: 'once' }
    throw malformed(text, "a trigger of type 'simple' must be fireNow=true.")
  }
  if (type !== 'cron') throw malformed(text, `its trigger type is '${type}', not 'simple' or 'cron'.`)
  return readCron(text)
}

function readCron(text: string): Schedule {
  // The zone goes first: Etc/GMT+2 holds the separator of the fields.
  const [fields = '', timezone = 'Etc/GMT'] = text.split('&trigger.timeZone=')
  if (/^simple\.repeat=NONE$/i.test(fields)) return { kind: 'once' }
  const expression = fields
    .split(/[+\s]+/)
    .filter(Boolean)
    .join(' ')
  if (zoneOf(timezone) === undefined) throw malformed(text, `the time zone '${timezone}' is not known.`)
  const schedule = { kind: 'cron', expression, timezone } as const
  ticksOf(schedule)
  return schedule
}

const malformed = (schedule: string, why: string) => faults.scheduleMalformed({ schedule, why })

/**
 * The next instant after `afterMillis` at which a schedule fires, in milliseconds since 1970. Undefined when there is
 * none, as for `once` and for years that are past.
 */
export function nextTick(schedule: Schedule, afterMillis: number): number | undefined {
  return schedule.kind === 'once' ? undefined : ticksOf(schedule)(afterMillis)
}
