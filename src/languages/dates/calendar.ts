/** A date of the calendar of Java: Gregorian from 15 October 1582 on, Julian before. Month and day count from 1. */
export interface CivilDate {
  /** Year by astronomers' count: 0 is 1 BC. */
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Days from 1970-01-01 to the first day of the Gregorian calendar. */
const cutover = -141_427

/** The date of a number of days since 1970-01-01. */
export function civilOf(days: number): CivilDate {
  if (days >= cutover) {
    const date = new Date(days * 86_400_000)
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
  }
  // Julian: years begin in March here, so that the leap day comes last.
  const sinceMarchZero = days + 719_470
  const cycle = Math.floor(sinceMarchZero / 1461)
  const dayOfCycle = sinceMarchZero - cycle * 1461
  const yearOfCycle = Math.min(3, Math.floor(dayOfCycle / 365))
  const dayOfYear = dayOfCycle - yearOfCycle * 365
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return {
    year: cycle * 4 + yearOfCycle + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  }
}

/** Days since 1970-01-01 of a date. Months and days beyond their range run over into the next year or month. */
export function daysOf(year: number, month: number, day: number): number {
  const months = year * 12 + (month - 1)
  const [fullYear, monthIndex] = [Math.floor(months / 12), ((months % 12) + 12) % 12]
  const first = new Date(0)
  first.setUTCFullYear(fullYear, monthIndex, 1)
  const gregorian = first.getTime() / 86_400_000 + day - 1
  if (gregorian >= cutover) return gregorian
  const marchYear = monthIndex < 2 ? fullYear - 1 : fullYear
  const marchMonth = (monthIndex + 10) % 12
  return Math.floor(marchYear * 365.25) + Math.floor((153 * marchMonth + 2) / 5) + day - 1 - 719_470
}

/** 0 is Sunday. */
export const weekdayOf = (days: number): number => (((days + 4) % 7) + 7) % 7

/** 1 to 366. */
export const dayOfYear = (days: number, year: number): number => days - daysOf(year, 1, 1) + 1

/** Week of the year and the year it counts to, as in the United States: weeks begin on Sunday, 1 January is in week 1. */
export function weekOf(days: number, year: number): { readonly weekYear: number; readonly week: number } {
  const nextYear = daysOf(year + 1, 1, 1)
  if (days >= nextYear - weekdayOf(nextYear)) return { weekYear: year + 1, week: 1 }
  const first = daysOf(year, 1, 1)
  return { weekYear: year, week: Math.floor((days - (first - weekdayOf(first))) / 7) + 1 }
}
