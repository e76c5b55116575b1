import { createHash } from 'node:crypto'
import { CompiledQuery, type Transaction } from 'kysely'
import { faults } from './faults.ts'
import type { Migration } from './migrations/index.ts'
import type { Database } from './open-database.ts'
import type { Tables } from './tables.ts'

// Any number that nothing else on the server locks; with the schema's own it makes the lock of one schema.
const lockSpace = 0x51_1ce

const checksumOf = (statements: readonly string[]): string =>
  createHash('sha256').update(statements.join(';\n')).digest('hex')

/** Holds off every other process until the transaction ends; SQLite's transactions do so by themselves. */
async function lock(transaction: Transaction<Tables>, { dialect, schema }: Database): Promise<void> {
  if (dialect === 'sqlite') return
  const parameters = [lockSpace, schema]
  await transaction.executeQuery(CompiledQuery.raw('select pg_advisory_xact_lock($1, hashtext($2))', parameters))
  await transaction.executeQuery(CompiledQuery.raw(`create schema if not exists "${schema}"`))
}

/**
 * Applies what the schema has not been through yet, in order, all in one transaction.
 * @throws database.newer, database.migrationChanged
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  const { dialect, part } = database
  await database.query.transaction().execute(async (transaction) => {
    const run = (sql: string) => transaction.executeQuery(CompiledQuery.raw(sql))
    await lock(transaction, database)
    await run(
      'create table if not exists migration (name text primary key, checksum text not null, applied_at bigint not null)',
    )
    const applied = await transaction.selectFrom('migration').selectAll().orderBy('name').execute()
    const known = new Set(migrations.map(({ name }) => name))
    const foreign = applied.find(({ name }) => !known.has(name))
    if (foreign) throw faults.newer({ migration: foreign.name })
    for (const { name, statements } of migrations) {
      const wanted = statements(dialect)[part]
      const checksum = checksumOf(wanted)
      const before = applied.find((row) => row.name === name)
      if (before && before.checksum !== checksum) throw faults.migrationChanged({ migration: name })
      if (before) continue
      for (const statement of wanted) await run(statement)
      await transaction.insertInto('migration').values({ name, checksum, appliedAt: Date.now() }).execute()
    }
  })
}
