import { CompiledQuery, type Transaction } from 'kysely'
import type { Database } from './open-database.ts'
import type { Tables } from './tables.ts'

type Values = readonly unknown[]

// Rows go in chunks of few sizes, so that few statements are prepared and each is found again.
const chunkSizes = [64, 16, 4, 1]

/** Splits a list into chunks of 64, 16, 4 and 1. */
export function* chunksOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  let from = 0
  for (const size of chunkSizes) {
    for (; items.length - from >= size; from += size) yield items.slice(from, from + size)
  }
}

/** `?` or `$3`: the placeholder of a parameter, counted from zero. */
export const placeholder = (dialect: Database['dialect'], index: number): string =>
  dialect === 'sqlite' ? '?' : `$${index + 1}`

/**
 * An insert of any number of rows, built once: Kysely's builder costs more for a row than the database.
 * Resolves to how many rows it inserted or changed.
 */
export function manyRows(
  dialect: Database['dialect'],
  given: { readonly table: string; readonly columns: readonly string[]; readonly conflict: string },
): (transaction: Transaction<Tables>, rows: readonly Values[]) => Promise<number> {
  const { table, columns, conflict } = given
  const head = `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) values `
  const statements = new Map<number, string>()

  function statementFor(rows: number): string {
    const known = statements.get(rows)
    if (known !== undefined) return known
    const tuples = Array.from({ length: rows }, (_, row) => {
      const places = columns.map((_, column) => placeholder(dialect, row * columns.length + column))
      return `(${places.join(', ')})`
    })
    const statement = `${head}${tuples.join(', ')} ${conflict}`
    statements.set(rows, statement)
    return statement
  }

  return async (transaction, rows) => {
    let changed = 0
    for (const chunk of chunksOf(rows)) {
      const query = CompiledQuery.raw(statementFor(chunk.length), chunk.flat())
      changed += Number((await transaction.executeQuery(query)).numAffectedRows ?? 0)
    }
    return changed
  }
}
