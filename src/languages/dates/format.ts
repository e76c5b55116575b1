import { civilOf, type CivilDate, dayOfYear, weekdayOf, weekOf } from './calendar.ts'
import { months, short, weekdays } from './names.ts'
import { readPattern } from './pattern.ts'
import { offsetDigits, type Zone, zoneOf } from './zones.ts'

/** An instant seen on the clock and the calendar of a zone. */
interface Moment extends CivilDate {
  readonly millis: number
  /** Days since 1970-01-01, local. */
  readonly days: number
  /** Milliseconds since local midnight. */
  readonly time: number
  readonly zone: Zone
}

type Writer = (moment: Moment, count: number) => string

const hour = (moment: Moment): number => Math.floor(moment.time / 3_600_000)
const padded = (value: number, count: number): string =>
  `${value < 0 ? '-' : ''}${String(Math.abs(value)).padStart(count, '0')}`
const yearOfEra = (year: number): number => (year > 0 ? year : 1 - year)
const year = (value: number, count: number): string => (count === 2 ? padded(value % 100, 2) : padded(value, count))
const monthName = (month: number): string => months[month - 1] ?? ''
const month: Writer = (m, count) =>
  count >= 4 ? monthName(m.month) : count === 3 ? short(monthName(m.month)) : padded(m.month, count)
const number =
  (read: (moment: Moment) => number): Writer =>
  (moment, count) =>
    padded(read(moment), count)

const writers: Readonly<Record<string, Writer>> = {
  G: (m) => (m.year > 0 ? 'AD' : 'BC'),
  y: (m, count) => year(yearOfEra(m.year), count),
  Y: (m, count) => year(weekOf(m.days, m.year).weekYear, count),
  M: month,
  L: month,
  w: number((m) => weekOf(m.days, m.year).week),
  W: number((m) => Math.floor((m.day - 1 + weekdayOf(m.days - m.day + 1)) / 7) + 1),
  D: number((m) => dayOfYear(m.days, m.year)),
  d: number((m) => m.day),
  F: number((m) => Math.floor((m.day - 1) / 7) + 1),
  E: (m, count) => {
    const name = weekdays[weekdayOf(m.days)] ?? ''
    return count >= 4 ? name : short(name)
  },
  u: number((m) => weekdayOf(m.days) || 7),
  a: (m) => (hour(m) < 12 ? 'AM' : 'PM'),
  H: number(hour),
  k: number((m) => hour(m) || 24),
  K: number((m) => hour(m) % 12),
  h: number((m) => hour(m) % 12 || 12),
  m: number((m) => Math.floor(m.time / 60_000) % 60),
  s: number((m) => Math.floor(m.time / 1000) % 60),
  S: number((m) => m.time % 1000),
  z: (m, count) => (count >= 4 ? m.zone.longName(m.millis) : m.zone.shortName(m.millis)),
  Z: (m) => `${sign(m)}${offsetDigits(m.zone.offsetAt(m.millis), '')}`,
  X: (m, count) => {
    const offset = m.zone.offsetAt(m.millis)
    if (offset === 0) return 'Z'
    const digits = offsetDigits(offset, count === 3 ? ':' : '')
    return `${sign(m)}${count === 1 ? digits.slice(0, 2) : digits}`
  },
}

const sign = (moment: Moment): string => (moment.zone.offsetAt(moment.millis) < 0 ? '-' : '+')

function momentOf(millis: number, zone: Zone): Moment {
  const local = millis + zone.offsetAt(millis)
  const days = Math.floor(local / 86_400_000)
  return { millis, days, time: local - days * 86_400_000, zone, ...civilOf(days) }
}

/**
 * Compiles a pattern of Java's SimpleDateFormat (locale en-US) to a function from milliseconds since 1970 to text. A zone
 * that is not known counts as GMT, as in Java.
 * @throws languages.datePatternMalformed
 */
export function compileDateFormat(pattern: string, zoneId = 'UTC'): (millis: number) => string {
  const zone = zoneOf(zoneId) ?? zoneOf('GMT')
  const pieces = readPattern(pattern).map((part) => {
    if ('literal' in part) return () => part.literal
    const write = writers[part.letter]
    return (moment: Moment) => write?.(moment, part.count) ?? ''
  })
  return (millis) => {
    if (zone === undefined) return ''
    const moment = momentOf(millis, zone)
    let text = ''
    for (const piece of pieces) text += piece(moment)
    return text
  }
}

/** A date as `java.util.Date` prints itself: `Fri Nov 21 03:15:00 UTC 2025`. */
export const javaDateText: (millis: number) => string = compileDateFormat('EEE MMM dd HH:mm:ss zzz yyyy')
