import { zoneNames } from './zone-names.ts'

/** A time zone by a name of Java's. */
export interface Zone {
  readonly id: string
  /** The name under which `Intl` knows the zone. */
  readonly ianaId: string
  /** Milliseconds that the zone is ahead of UTC at an instant. */
  readonly offsetAt: (millis: number) => number
  /** `CET`, `UTC`, `GMT+05:30`. */
  readonly shortName: (millis: number) => string
  /** `Central European Standard Time`. */
  readonly longName: (millis: number) => string
}

/** Names of three letters that only Java knows, or reads otherwise than the IANA database. Offsets are fixed zones. */
const javaNames: Readonly<Record<string, string>> = {
  ACT: 'Australia/Darwin',
  AET: 'Australia/Sydney',
  AGT: 'America/Argentina/Buenos_Aires',
  ART: 'Africa/Cairo',
  AST: 'America/Anchorage',
  BET: 'America/Sao_Paulo',
  BST: 'Asia/Dhaka',
  CAT: 'Africa/Harare',
  CET: 'Europe/Paris',
  CNT: 'America/St_Johns',
  CST: 'America/Chicago',
  CTT: 'Asia/Shanghai',
  EAT: 'Africa/Addis_Ababa',
  ECT: 'Europe/Paris',
  EET: 'Europe/Athens',
  EST: '-05:00',
  HST: '-10:00',
  IET: 'America/Indiana/Indianapolis',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  MET: 'Europe/Paris',
  MIT: 'Pacific/Apia',
  MST: '-07:00',
  NET: 'Asia/Yerevan',
  NST: 'Pacific/Auckland',
  PLT: 'Asia/Karachi',
  PNT: 'America/Phoenix',
  PRT: 'America/Puerto_Rico',
  PST: 'America/Los_Angeles',
  SST: 'Pacific/Guadalcanal',
  VST: 'Asia/Ho_Chi_Minh',
  WET: 'Europe/Lisbon',
}

const minute = 60_000
const year1900 = Date.UTC(1900, 0, 1)
/** A day of winter and one of summer. */
const today = [Date.UTC(2024, 0, 1), Date.UTC(2024, 6, 1)]
const zones = new Map<string, Zone | undefined>()

/** The zone of this name, as `TimeZone.getTimeZone` of Java reads it; undefined where Java would silently take GMT. */
export function zoneOf(id: string): Zone | undefined {
  if (!zones.has(id)) {
    // The names come from flows and messages: an endless number of them must not fill the memory.
    if (zones.size > 1000) zones.clear()
    zones.set(id, createZone(id))
  }
  return zones.get(id)
}

function createZone(id: string): Zone | undefined {
  if (/^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal)$/.test(id)) return fixedZone(id, 0, 'UTC', 'Coordinated Universal Time')
  if (/^(?:Etc\/)?(?:GMT[+-]?0?|Greenwich)$/.test(id)) return fixedZone(id, 0, 'GMT', 'Greenwich Mean Time')
  const custom = /^GMT([+-])(\d{1,2})(?::?([0-5]\d))?$/.exec(id)
  if (custom !== null) {
    const [, sign, hours = '', minutes = '0'] = custom
    if (Number(hours) > 23) return undefined
    const offset = (Number(hours) * 60 + Number(minutes)) * minute * (sign === '-' ? -1 : 1)
    return offset === 0 ? fixedZone('GMT', 0, 'GMT', 'Greenwich Mean Time') : fixedZone(offsetName(offset), offset)
  }
  const ianaId = Object.hasOwn(javaNames, id) ? javaNames[id] : id
  return ianaId === undefined || /^[+-]/.test(id) ? undefined : ianaZone(id, ianaId)
}

function fixedZone(id: string, offset: number, shortName = offsetName(offset), longName = shortName): Zone {
  const ianaId = offset === 0 ? 'UTC' : offsetName(offset).slice(3)
  return { id, ianaId, offsetAt: () => offset, shortName: () => shortName, longName: () => longName }
}

function ianaZone(id: string, ianaId: string): Zone | undefined {
  const clock = offsetClock(ianaId)
  if (clock === undefined) return undefined
  const offsetAt = remembering(clock)
  const names = zoneNames.get(id)
  const isDaylight = (millis: number): boolean => {
    const year = new Date(millis).getUTCFullYear()
    return offsetAt(millis) > Math.min(offsetAt(Date.UTC(year, 0, 1)), offsetAt(Date.UTC(year, 6, 1)))
  }
  const longName = new Intl.DateTimeFormat('en-US', { timeZone: ianaId, timeZoneName: 'long' })
  return {
    id,
    ianaId,
    offsetAt,
    shortName: (millis) => (names === undefined ? offsetName(offsetAt(millis)) : names[isDaylight(millis) ? 1 : 0]),
    longName: (millis) =>
      longName.formatToParts(Math.max(millis, year1900)).find((part) => part.type === 'timeZoneName')?.value ??
      offsetName(offsetAt(millis)),
  }
}

/** Reads the offset of a zone from `Intl`; undefined when it knows no such zone. */
function offsetClock(ianaId: string): ((millis: number) => number) | undefined {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: ianaId, timeZoneName: 'longOffset' })
  } catch {
    return undefined
  }
  return (millis) => {
    // Java keeps no local times of towns from before time zones, but takes the standard time of today.
    if (millis < year1900) return Math.min(...today.map(read))
    return read(millis)
  }
  function read(millis: number): number {
    const name = format.formatToParts(millis).find((part) => part.type === 'timeZoneName')?.value ?? ''
    const [, sign, hours, minutes, seconds = '0'] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? []
    if (sign === undefined) return 0
    const offset = (Number(hours) * 60 + Number(minutes)) * minute + Number(seconds) * 1000
    return sign === '-' ? -offset : offset
  }
}

/** Offsets change on quarters of an hour at most, and one message asks for the same moment several times. */
function remembering(offsetAt: (millis: number) => number): (millis: number) => number {
  const quarter = 15 * minute
  let known = Number.NaN
  let offset = 0
  return (millis) => {
    const asked = Math.floor(millis / quarter)
    if (asked !== known) {
      offset = offsetAt(asked * quarter)
      known = asked
    }
    return offset
  }
}

const offsetName = (offset: number): string => `GMT${offset < 0 ? '-' : '+'}${offsetDigits(offset, ':')}`

/** `0530` or `05:30`, without a sign. */
export function offsetDigits(offset: number, separator: string): string {
  const minutes = Math.floor(Math.abs(offset) / minute)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'))
  return `${hours}${separator}${rest}`
}

/**
 * The instant at which clocks of the zone show a wall time, given as if it were UTC. As in Java, a time that occurs twice is the one in
 * standard time, and a time left out by the change to daylight saving time is read with the offset before it.
 */
export function instantOf(wallMillis: number, zone: Zone): number {
  const day = 24 * 60 * minute
  const before = zone.offsetAt(wallMillis - day)
  const after = zone.offsetAt(wallMillis + day)
  const offsets = before === after ? [before] : [Math.min(before, after), Math.max(before, after)]
  const fitting = offsets.find((offset) => zone.offsetAt(wallMillis - offset) === offset) ?? offsets[0] ?? 0
  return wallMillis - fitting
}
