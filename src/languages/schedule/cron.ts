import { Cron } from 'croner'

import { wordsOf } from '../../base/index.ts'
import { zoneOf } from '../dates/zones.ts'
import { faults } from '../faults.ts'
import { type Field, fieldNames, readField } from './fields.ts'

/**
 * Compiles an expression of Quartz to a function that yields the instant of the next tick. Each field is read by the
 * rules of Quartz and handed on as a plain list, so that nothing is left to be understood in two ways.
 * Changes of the clocks: a single time of day that is left out fires right after the gap, one that occurs twice fires
 * at the first; intervals go on through both.
 * @throws languages.scheduleMalformed
 */
export function ticksOf({
  expression,
  timezone,
}: {
  readonly expression: string
  readonly timezone: string
}): (afterMillis: number) => number | undefined {
  const malformed = (why: string, cause?: unknown) => faults.scheduleMalformed({ schedule: expression, why }, { cause })
  const texts = expression.trim().split(/\s+/)
  if (texts.length !== 6 && texts.length !== 7) throw malformed(`it has ${texts.length} fields, not 6 or 7.`)
  const fields = fieldNames.map((name, index) => {
    const field = readField(name, texts[index] ?? '*')
    if ('problem' in field) throw malformed(`${name} '${texts[index]}': ${field.problem}.`)
    return field
  })
  const isRestricted = (index: number): boolean => !/^[*?]$/.test(texts[index] ?? '*')
  if (isRestricted(3) && isRestricted(5))
    throw malformed('day of month and day of week cannot both be given; write ? for one.')
  const zone = zoneOf(timezone)
  if (zone === undefined) throw malformed(`the time zone '${timezone}' is not known.`)
  try {
    const cron = new Cron(pattern(fields), { timezone: zone.ianaId, mode: '7-part', paused: true })
    return (afterMillis) => cron.nextRun(new Date(afterMillis))?.getTime()
  } catch (cause) {
    throw malformed(wordsOf(cause), cause)
  }
}

const pattern = (fields: readonly Field[]): string =>
  fields.map((field) => ('text' in field ? field.text : '*')).join(' ')
