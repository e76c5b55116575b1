import type { RecordStore, StoredRecord } from '../records/index.ts'
import { manyRows } from './many-rows.ts'
import type { Database } from './open-database.ts'
import { changed } from './outcome.ts'

const columns = ['kind', 'id', 'revision', 'document'] as const
const conflict = 'on conflict (kind, id) do update set revision = excluded.revision, document = excluded.document'

/** The tables of the stores; the row of `counter` that holds a revision has the name of its store. */
const tables = {
  registry: ['registryRecord', 'registry_record'],
  keystore: ['keystoreRecord', 'keystore_record'],
  secrets: ['secretsRecord', 'secrets_record'],
  authorization: ['authorizationRecord', 'authorization_record'],
} as const

/** One statement cannot write a row twice; of a record that is given twice the last counts. */
const once = (records: readonly StoredRecord[]): readonly StoredRecord[] => [
  ...new Map(records.map((record) => [JSON.stringify([record.kind, record.id]), record])).values(),
]

/** Records in the database of a tenant. A deleted one leaves its row without a document, for `load` to tell. */
export function createRecordStore({ query, dialect }: Database, name: keyof typeof tables): RecordStore {
  const [table, nativeTable] = tables[name]
  const upsert = manyRows(dialect, { table: nativeTable, columns, conflict })
  return {
    load: (after) =>
      query
        .transaction()
        .setAccessMode('read only')
        .setIsolationLevel('repeatable read')
        .execute(async (transaction) => {
          const { value: revision } = await transaction
            .selectFrom('counter')
            .select('value')
            .where('name', '=', name)
            .executeTakeFirstOrThrow()
          let selected = transaction.selectFrom(table).select(['kind', 'id', 'document'])
          selected = after === 0 ? selected.where('document', 'is not', null) : selected.where('revision', '>', after)
          const rows = await selected.orderBy('kind').orderBy('id').execute()
          return { revision, records: rows.map((row) => ({ ...row, document: row.document ?? undefined })) }
        }),
    write: (expected, records) =>
      query.transaction().execute(async (transaction) => {
        const revision = expected + 1
        // Locks the counter until the end: whoever comes second waits here, and then finds another value.
        const raised = await transaction
          .updateTable('counter')
          .set({ value: revision })
          .where('name', '=', name)
          .where('value', '=', expected)
          .executeTakeFirst()
        if (!changed(raised)) return false
        const rows = once(records).map(({ kind, id, document }) => [kind, id, revision, document ?? null])
        await upsert(transaction, rows)
        return true
      }),
  }
}
