/** Fields of an expression of Quartz, in their order. */
export const fieldNames = ['second', 'minute', 'hour', 'day of month', 'month', 'day of week', 'year'] as const

export type FieldName = (typeof fieldNames)[number]

/** A field as croner reads it, or why it cannot be read. */
export type Field = { readonly text: string } | { readonly problem: string }

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Least and greatest value, and names from the least on. Quartz counts weekdays from 1, which is Sunday. */
const ranges: Readonly<Record<FieldName, readonly [least: number, greatest: number, names?: readonly string[]]>> = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  'day of month': [1, 31],
  month: [1, 12, months],
  'day of week': [1, 7, weekdays],
  year: [1970, 2199],
}

/** Reads one field by the rules of Quartz. */
export function readField(name: FieldName, text: string): Field {
  const upper = text.toUpperCase()
  if (upper === '*') return { text: '*' }
  if (upper === '?')
    return name.startsWith('day') ? { text: '*' } : { problem: "'?' is allowed for a day of month or week only" }
  const special =
    name === 'day of month' ? readDayOfMonth(upper) : name === 'day of week' ? readDayOfWeek(upper) : undefined
  if (special !== undefined) return special
  const values = new Set<number>()
  for (const part of upper.split(',')) {
    const found = readPart(name, part)
    if ('problem' in found) return found
    for (const value of found.values) values.add(value)
  }
  const sorted = [...values].sort((a, b) => a - b)
  return { text: sorted.map((value) => (name === 'day of week' ? value - 1 : value)).join(',') }
}

/** `L`, `LW`, `15W`; lists may hold none of them. */
function readDayOfMonth(text: string): Field | undefined {
  if (text === 'L' || text === 'LW') return { text }
  if (/^L-\d+$/.test(text)) return { problem: 'days before the last day of the month are not supported' }
  const weekday = /^(\d{1,2})W$/.exec(text)
  if (weekday === null) return undefined
  return inRange('day of month', Number(weekday[1])) ? { text } : { problem: 'a day lies between 1 and 31' }
}

/** `L` is Saturday, `6L` the last Friday, `6#3` the third Friday of a month. */
function readDayOfWeek(text: string): Field | undefined {
  if (text === 'L') return { text: '6' }
  const special = /^([A-Z]{3}|\d)(?:L|#([1-5]))$/.exec(text)
  if (special === null) return undefined
  const day = valueOf('day of week', special[1] ?? '')
  return day === undefined
    ? { problem: 'a day of the week is 1 (Sunday) to 7, or a name such as MON' }
    : { text: `${day - 1}#${special[2] ?? 'L'}` }
}

/** `5`, `5-19`, `22-2`, `0/15`, `10-40/5`, `MON-FRI`, and a star with a step. */
function readPart(
  name: FieldName,
  part: string,
): { readonly values: readonly number[] } | { readonly problem: string } {
  const [least, greatest] = ranges[name]
  const unreadable = { problem: `'${part}' is not a value from ${least} to ${greatest}` }
  const [, first = '', last, stepText] =
    /^(\*|[A-Z]{3}|\d{1,4})?(?:-([A-Z]{3}|\d{1,4}))?(?:\/(\d{1,4}))?$/.exec(part) ?? []
  const isWhole = first === '*' || (first === '' && stepText !== undefined)
  const from = isWhole ? least : valueOf(name, first)
  const to = last !== undefined ? valueOf(name, last) : isWhole || stepText !== undefined ? greatest : from
  const step = Number(stepText ?? 1)
  if (from === undefined || to === undefined || (isWhole && last !== undefined)) return unreadable
  if (step < 1) return { problem: 'a step is 1 or more' }
  // A range that ends before it begins goes on over the end, as from 22 to 2 o'clock; years do not come again.
  if (to < from && name === 'year') return { problem: `the range '${part}' ends before it begins` }
  const size = greatest - least + 1
  const length = to < from ? to + size - from : to - from
  const values: number[] = []
  for (let offset = 0; offset <= length; offset += step) values.push(((from - least + offset) % size) + least)
  return { values }
}

function valueOf(name: FieldName, text: string): number | undefined {
  const [least, , names] = ranges[name]
  const index = names?.indexOf(text) ?? -1
  if (index >= 0) return least + index
  return /^\d+$/.test(text) && inRange(name, Number(text)) ? Number(text) : undefined
}

function inRange(name: FieldName, value: number): boolean {
  const [least, greatest] = ranges[name]
  return value >= least && value <= greatest
}
