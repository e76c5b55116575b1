import { type Field, type FieldSet, readFields, type Values, type Words } from '../field.ts'

/** A row as a bundle holds it: cells by id, or by position (`'0'`, `'1'`, …) where they have none. */
export type RawRow = Readonly<Record<string, string>>

/**
 * Rows of fields. The raw text is the JSON of the rows, made by the flow reader from the original's `<row><cell>`
 * form, so that this room knows no XML.
 */
export function table<const Columns extends FieldSet>(
  words: Words & { readonly columns: Columns },
): Field<readonly Values<Columns>[]> {
  const { columns, ...rest } = words
  return {
    kind: 'table',
    control: 'table',
    words: rest,
    fallback: '[]',
    secret: false,
    schema: {
      type: 'array',
      items: { type: 'object', properties: Object.fromEntries(Object.entries(columns).map(([n, c]) => [n, c.schema])) },
    },
    read(raw) {
      const rows = rowsOf(raw)
      if (rows === undefined) return { problem: 'must be a table of rows and cells' }
      const read = rows.map((row) => readFields(columns, row))
      const problems = read.flatMap(({ problems }, index) =>
        problems.map(({ field, problem, unsupported }) => ({
          words: `row ${index + 1}: '${field}' ${problem}`,
          unsupported,
        })),
      )
      if (problems.length === 0) return { value: read.map(({ values }) => values) }
      const problem = problems.map(({ words }) => words).join('; ')
      // One cell that can never be read makes the table wrong, whatever else it asks for.
      return problems.every(({ unsupported }) => unsupported) ? { problem, unsupported: true } : { problem }
    },
  }
}

function rowsOf(raw: string): readonly RawRow[] | undefined {
  if (raw.trim() === '') return []
  try {
    const rows: unknown = JSON.parse(raw)
    return Array.isArray(rows) ? (rows as RawRow[]) : undefined
  } catch {
    return undefined
  }
}
