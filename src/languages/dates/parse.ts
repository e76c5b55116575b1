import { faults } from '../faults.ts'
import { daysOf, weekdayOf } from './calendar.ts'
import { months, short, weekdays } from './names.ts'
import { type PatternPart, readPattern } from './pattern.ts'
import { zoneNames } from './zone-names.ts'
import { instantOf, type Zone, zoneOf } from './zones.ts'

/** What was read so far: the value for each letter, and the zone where the text names one. */
interface Fields {
  readonly values: Map<string, number>
  zone: Zone | undefined
}

/** Where reading goes on; undefined when the text does not fit. */
type End = number | undefined
type Reader = (
  text: string,
  at: number,
  part: { readonly letter: string; readonly count: number },
  fields: Fields,
) => End

/**
 * Compiles a pattern of Java's SimpleDateFormat (locale en-US, lenient) to a function from text to milliseconds since
 * 1970. Text after the date is ignored and values beyond their range run over, as in Java.
 * @throws languages.datePatternMalformed; the function throws languages.dateMalformed
 */
export function compileDateParse(
  pattern: string,
  zoneId = 'UTC',
  now: () => number = Date.now,
): (text: string) => number {
  const parts = readPattern(pattern)
  const zone = zoneOf(zoneId) ?? zoneOf('GMT')
  const isFixed = parts.map((_, index) => isNumber(parts[index + 1]))
  return (text) => {
    const fields: Fields = { values: new Map(), zone }
    let at: End = 0
    for (const [index, part] of parts.entries()) {
      if ('literal' in part) at = text.startsWith(part.literal, at) ? at + part.literal.length : undefined
      else at = readField(text, at, part, isFixed[index] === true, fields, now)
      if (at === undefined) throw faults.dateMalformed({ text, pattern })
    }
    return millisOf(fields)
  }
}

/** Digits that run into the next number are told apart by the number of letters alone, as in `yyyyMMdd`. */
const isNumber = (part: PatternPart | undefined): boolean =>
  part !== undefined &&
  'letter' in part &&
  !'GEazZX'.includes(part.letter) &&
  !('ML'.includes(part.letter) && part.count > 2)

function readField(
  text: string,
  from: number,
  part: { readonly letter: string; readonly count: number },
  fixed: boolean,
  fields: Fields,
  now: () => number,
): End {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  if (at >= text.length) return undefined
  const named = readers[part.letter]
  if (named !== undefined && (part.count > 2 || !'ML'.includes(part.letter))) return named(text, at, part, fields)
  const number = /^-?\d+/.exec(fixed ? text.slice(at, at + part.count) : text.slice(at))?.[0]
  if (number === undefined || (fixed && at + part.count > text.length)) return undefined
  const isShortYear = part.letter === 'y' && part.count <= 2 && /^\d\d$/.test(number)
  fields.values.set(part.letter, isShortYear ? fullYear(Number(number), now()) : Number(number))
  return at + number.length
}

/** Two digits of a year mean the century from eighty years ago on. */
function fullYear(digits: number, now: number): number {
  const start = new Date(now).getUTCFullYear() - 80
  const year = Math.floor(start / 100) * 100 + digits
  return year < start ? year + 100 : year
}

/** A reader of names; the value is the index of the name, the longest that fits. */
const nameReader =
  (names: readonly string[]): Reader =>
  (text, at, { letter }, fields) => {
    let best = ''
    for (const [index, name] of names.entries()) {
      for (const form of [name, short(name)]) {
        if (form.length <= best.length || text.slice(at, at + form.length).toLowerCase() !== form.toLowerCase())
          continue
        best = form
        fields.values.set(letter, index)
      }
    }
    return best === '' ? undefined : at + best.length
  }

const monthReader = nameReader(['', ...months])

const zoneReader: Reader = (text, at, { letter, count }, fields) => {
  const rest = text.slice(at)
  const offset = letter === 'X' ? isoOffset(rest, count) : /^(?:GMT)?([+-])(\d{1,2}):?(\d\d)?/i.exec(rest)
  if (offset !== null) {
    const [found, sign, hours = '0', minutes = '00'] = offset
    fields.zone = zoneOf(sign === undefined ? 'GMT' : `GMT${sign}${hours.padStart(2, '0')}:${minutes}`)
    return fields.zone === undefined ? undefined : at + found.length
  }
  if (letter === 'X') return undefined
  const name = /^[A-Za-z]+/.exec(rest)?.[0]?.toUpperCase()
  if (name === undefined) return undefined
  const daylight = zonesByName.get(name)
  fields.zone = daylight ?? zoneOf(name)
  return fields.zone === undefined ? undefined : at + name.length
}

const isoOffset = (text: string, count: number): RegExpExecArray | null =>
  /^Z/.exec(text) ?? [/^([+-])(\d\d)/, /^([+-])(\d\d)(\d\d)/, /^([+-])(\d\d):(\d\d)/][count - 1]?.exec(text) ?? null

const namingZones =
  'UTC GMT Europe/Paris Europe/Athens Europe/Lisbon Europe/Moscow Europe/London America/New_York America/Chicago ' +
  'America/Denver America/Los_Angeles America/Halifax Asia/Kolkata Asia/Tokyo Asia/Shanghai Asia/Seoul ' +
  'Asia/Singapore Asia/Dubai Australia/Sydney Africa/Johannesburg'

/** `CEST` names an offset whatever the date is; `CET` likewise. Where several zones share a name, the first is taken. */
const zonesByName = new Map<string, Zone>()
for (const id of namingZones.split(' ')) {
  const zone = zoneOf(id)
  const names = zoneNames.get(id)
  if (zone === undefined || names === undefined) continue
  const winter = zone.offsetAt(Date.UTC(2024, id.startsWith('Australia') ? 6 : 0, 1))
  for (const [index, name] of names.entries()) {
    const fixed = zoneOf(offsetId(winter + index * 3_600_000))
    if (fixed !== undefined && !zonesByName.has(name)) zonesByName.set(name, fixed)
  }
}

function offsetId(offset: number): string {
  const minutes = Math.abs(offset) / 60_000
  return `GMT${offset < 0 ? '-' : '+'}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}

const readers: Readonly<Record<string, Reader>> = {
  M: monthReader,
  L: monthReader,
  E: nameReader(weekdays),
  a: nameReader(['AM', 'PM']),
  G: nameReader(['BC', 'AD']),
  z: zoneReader,
  Z: zoneReader,
  X: zoneReader,
}

function millisOf({ values, zone }: Fields): number {
  const wall = localDays(values) * 86_400_000 + timeOf(values)
  return zone === undefined ? wall : instantOf(wall, zone)
}

function localDays(values: Map<string, number>): number {
  const eraYear = values.get('y') ?? values.get('Y') ?? 1970
  const year = values.get('G') === 0 ? 1 - eraYear : eraYear
  const month = values.get('M') ?? values.get('L')
  const day = values.get('d')
  if (day !== undefined || month !== undefined) return daysOf(year, month ?? 1, day ?? 1)
  const dayOfYear = values.get('D')
  if (dayOfYear !== undefined) return daysOf(year, 1, dayOfYear)
  const week = values.get('w')
  const first = daysOf(year, 1, 1)
  const isoWeekday = values.get('u')
  const weekday = values.get('E') ?? (isoWeekday === undefined ? undefined : isoWeekday % 7)
  if (week !== undefined) return first - weekdayOf(first) + (week - 1) * 7 + (weekday ?? 0)
  return weekday === undefined ? first : first + ((weekday - weekdayOf(first) + 7) % 7)
}

function timeOf(values: Map<string, number>): number {
  const k = values.get('k')
  const h = values.get('h')
  const half = (h === 12 ? 0 : h) ?? values.get('K') ?? 0
  const hours = values.get('H') ?? (k === 24 ? 0 : k) ?? half + 12 * (values.get('a') ?? 0)
  return hours * 3_600_000 + (values.get('m') ?? 0) * 60_000 + (values.get('s') ?? 0) * 1000 + (values.get('S') ?? 0)
}
