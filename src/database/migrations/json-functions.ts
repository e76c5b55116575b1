/** What the two databases call differently where a statement makes JSON. */
export interface JsonFunctions {
  readonly object: (members: string) => string
  /** The object without the members that are null. */
  readonly present: (object: string) => string
  readonly parsed: (column: string) => string
  /** A text as JSON writes it, in quotation marks. */
  readonly quoted: (column: string) => string
  readonly true: string
  readonly asText: string
}

// In PostgreSQL `json` and not `jsonb`, which refuses an escaped NUL and a lone surrogate in what it parses.
export const jsonFunctions: Readonly<Record<'sqlite' | 'postgres', JsonFunctions>> = {
  sqlite: {
    object: (members) => `json_object(${members})`,
    present: (object) => `json_patch('{}', ${object})`,
    parsed: (column) => `json(${column})`,
    quoted: (column) => `json_quote(${column})`,
    true: `json('true')`,
    asText: '',
  },
  postgres: {
    object: (members) => `json_build_object(${members})`,
    present: (object) => `json_strip_nulls(${object})`,
    parsed: (column) => `${column}::json`,
    quoted: (column) => `to_json(${column})::text`,
    true: 'true',
    asText: '::text',
  },
}
