import { CompiledQuery } from 'kysely'
import type { SealedRows } from '../keystore/index.ts'
import { placeholder } from './many-rows.ts'
import type { Database } from './open-database.ts'

/** Primary keys of the tables that hold sealed values in rows. */
const keys = {
  variable: ['name', 'flow_id'],
  attachment: ['id'],
  trace: ['message_id', 'position'],
  authorization_model: ['kind', 'id'],
} as const

/** What is sealed in rows of their own in the database of a tenant. */
export const createSealedRows = (database: Database): readonly SealedRows[] =>
  (['variable', 'attachment', 'trace', 'authorization_model'] as const).map((table) => sealedRows(database, table))

function sealedRows({ query, dialect }: Database, table: keyof typeof keys): SealedRows {
  const columns = keys[table]
  const place = (index: number) => placeholder(dialect, index)
  const places = columns.map((_, index) => place(index)).join(', ')
  const names = columns.join(', ')
  return {
    table,
    read: async ({ after, without, limit }) => {
      const parameters: (string | number)[] = []
      const conditions: string[] = []
      if (after !== undefined) {
        conditions.push(`(${names}) > (${places})`)
        parameters.push(...after)
      }
      if (without !== '') {
        conditions.push(`substr(sealed, 1, ${without.length}) <> ${place(parameters.length)}`)
        parameters.push(without)
      }
      const sql = `select ${columns.map((column, index) => `${column} as k${index}`).join(', ')}, sealed from ${table}
        ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
        order by ${names} limit ${place(parameters.length)}`
      const { rows } = await query.executeQuery<Readonly<Record<string, string | number>>>(
        CompiledQuery.raw(sql, [...parameters, limit]),
      )
      return rows.map((row) => ({
        key: columns.map((_, index) => row[`k${index}`] ?? ''),
        sealed: String(row['sealed']),
      }))
    },
    replace: (changes) =>
      query.transaction().execute(async (transaction) => {
        const found = columns.map((column, index) => `${column} = ${place(index + 1)}`).join(' and ')
        const sql = `update ${table} set sealed = ${place(0)} where ${found} and sealed = ${place(columns.length + 1)}`
        let written = 0
        for (const { key, sealed, next } of changes) {
          const { numAffectedRows } = await transaction.executeQuery(CompiledQuery.raw(sql, [next, ...key, sealed]))
          written += Number(numAffectedRows ?? 0)
        }
        return written
      }),
  }
}
