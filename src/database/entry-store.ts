import type { Selectable } from 'kysely'
import type { EntryStore, StoredEntry } from '../keystore/index.ts'
import type { Database } from './open-database.ts'
import { removed } from './outcome.ts'
import type { Tables } from './tables.ts'

const fromRow = (row: Selectable<Tables['keystoreEntry']>): StoredEntry => ({
  ...row,
  sealedKey: row.sealedKey ?? undefined,
})

/** Key pairs and certificates in the database of a tenant. */
export const createEntryStore = ({ query }: Database): EntryStore => ({
  find: async (alias) => {
    const row = await query.selectFrom('keystoreEntry').selectAll().where('alias', '=', alias).executeTakeFirst()
    return row && fromRow(row)
  },
  list: async () => (await query.selectFrom('keystoreEntry').selectAll().orderBy('alias').execute()).map(fromRow),
  put: async (entry) => {
    const row = { ...entry, sealedKey: entry.sealedKey ?? null }
    await query
      .insertInto('keystoreEntry')
      .values(row)
      .onConflict((conflict) => conflict.column('alias').doUpdateSet(row))
      .execute()
  },
  remove: async (alias) =>
    removed(await query.deleteFrom('keystoreEntry').where('alias', '=', alias).executeTakeFirst()),
})
