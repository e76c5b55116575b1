import type { RawRow } from '../fields/index.ts'

/**
 * The rows of content modifiers before version 1.2: one property a row, `property_0` or `HEADER_0`, holding
 * `Name:=:X:;Type:=:constant:;…`. Returns the properties with those rows in `propertyTable` and `headerTable`, as
 * JSON, after the rows that stand there already.
 */
export function modernModifier(properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const modern = new Map([...properties].filter(([key]) => !oldKey.test(key)))
  if (modern.size === properties.size) return properties
  for (const [prefix, table] of [
    ['property', 'propertyTable'],
    ['HEADER', 'headerTable'],
  ] as const) {
    const old = [...properties]
      .filter(([key]) => oldKey.exec(key)?.[1] === prefix)
      .sort(([a], [b]) => positionOf(a) - positionOf(b))
      .map(([, text]) => rowOf(text))
    if (old.length > 0) modern.set(table, JSON.stringify([...rowsOf(modern.get(table)), ...old]))
  }
  return modern
}

const oldKey = /^(property|HEADER)_(\d+)$/

const positionOf = (key: string): number => Number(oldKey.exec(key)?.[2])

const rowsOf = (json: string | undefined): readonly RawRow[] =>
  json === undefined || json.trim() === '' ? [] : (JSON.parse(json) as RawRow[])

/** Fields end before the next field's name, so that a value may hold the separators. */
function rowOf(text: string): RawRow {
  const cells = { Action: 'Create', Type: 'constant', Value: '', Default: '', Name: '', Datatype: '' }
  const fields = text.matchAll(
    /(?:^|:;)(Action|Type|Value|Default|Name|Datatype):=:([^]*?)(?=:;(?:Action|Type|Value|Default|Name|Datatype):=:|(?::;)?$)/g,
  )
  for (const [, name, value] of fields) if (name !== undefined) Object.assign(cells, { [name]: value })
  return cells
}
