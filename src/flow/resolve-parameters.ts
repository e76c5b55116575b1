import type { Fault, Place } from '../base/index.ts'
import type { RawRow } from '../fields/index.ts'
import { unescapeXml } from '../formats/xml.ts'
import { faults } from './faults.ts'
import { parseTable } from './tables.ts'

/** Puts values in the place of `{{name}}`. */
export interface Substitution {
  /** Values of a property: a plain text, or the JSON of its rows where it is a table. */
  readonly property: (key: string, text: string, place: Place) => string
  /** Text of the model itself: conditions. Their parameters are stored escaped, as those of cells are. */
  readonly text: (text: string, place: Place) => string
  /** Every name that has no value, with each place where it stands. */
  readonly unknown: readonly Fault[]
}

/**
 * Substitution with these values, in the form in which `parameters.prop` stores them. The name is everything between
 * the braces, as short as possible and not trimmed; an unknown one keeps its text and is noted. A table is parsed
 * before its cells are substituted, and what comes into a cell is unescaped once, because it is stored escaped there.
 */
export function createSubstitution(values: ReadonlyMap<string, string>): Substitution {
  const unknown: Fault[] = []
  const substitute = (text: string, place: Place, written: (value: string) => string): string =>
    text.includes('{{')
      ? text.replace(/\{\{(.*?)\}\}/g, (whole, name: string) => {
          const value = values.get(name)
          if (value !== undefined) return written(value)
          unknown.push(faults.parameterUnknown({ name }, { place }))
          return whole
        })
      : text
  const asIs = (value: string) => value
  const cells = (rows: readonly RawRow[], place: Place): RawRow[] =>
    rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([cell, text]) => [cell, substitute(text, place, unescapeXml)])),
    )
  return {
    unknown,
    text: (text, place) => substitute(text, place, unescapeXml),
    property(key, text, place) {
      const rows = parseTable(key, text)
      if (rows !== undefined) return JSON.stringify(cells(rows, place))
      const resolved = substitute(text, place, asIs)
      // A parameter may stand for the whole table, as that of a schedule does.
      const later = resolved === text ? undefined : parseTable(key, resolved)
      return later === undefined ? resolved : JSON.stringify(later)
    },
  }
}
