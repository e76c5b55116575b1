import { CompiledQuery, type Transaction } from 'kysely'
import type { BackupRow, BackupStore } from '../backup/index.ts'
import { placeholder } from './many-rows.ts'
import { migrations } from './migrations/index.ts'
import type { Database } from './open-database.ts'
import type { Tables } from './tables.ts'

/** Tables with their primary keys; what refers to a row comes after it. Contents are read one by one: they are large. */
const tables = {
  integration_package: { key: ['id'], page: 500 },
  artifact: { key: ['id'], page: 500 },
  artifact_content: { key: ['artifact_id'], page: 1 },
  deployment: { key: ['artifact_id'], page: 500 },
  deployment_content: { key: ['artifact_id'], page: 1 },
  endpoint: { key: ['artifact_id', 'protocol', 'path'], page: 500 },
  deploy_task: { key: ['task_id'], page: 500 },
  schedule_claim: { key: ['key', 'tick'], page: 500 },
  variable: { key: ['name', 'flow_id'], page: 500 },
  registry_record: { key: ['kind', 'id'], page: 500 },
  keystore_record: { key: ['kind', 'id'], page: 500 },
  secrets_record: { key: ['kind', 'id'], page: 500 },
} as const

type Table = keyof typeof tables

const names = Object.keys(tables) as readonly Table[]
const recordStores = ['registry', 'keystore', 'secrets'] as const
const isRecords = (table: string): boolean => table.endsWith('_record')

/** Those who make what a new installation has before anybody uses it. */
const builtIn = new Set(['Sluice', 'first start'])

/** What a backup holds of the database of a tenant. */
export function createBackupStore({ query, dialect }: Database): BackupStore {
  return {
    schema: async () => migrations.at(-1)?.name ?? '',
    async *rows() {
      const transaction = await query
        .startTransaction()
        .setAccessMode('read only')
        .setIsolationLevel('repeatable read')
        .execute()
      try {
        for (const table of names) yield* rowsOf(transaction, table)
        const generation = await transaction
          .selectFrom('counter')
          .selectAll()
          .where('name', '=', 'generation')
          .executeTakeFirstOrThrow()
        yield { table: 'counter', values: generation }
      } finally {
        await transaction.rollback().execute()
      }
    },
    restore: (rows, replace) =>
      query
        .transaction()
        .execute(async (transaction) => {
          const revisions = await raiseRevisions(transaction)
          if (!replace && (await isUsed(transaction))) throw used
          await empty(transaction, revisions)
          for await (const row of rows) await write(transaction, row, revisions, dialect)
          return true
        })
        .catch((thrown: unknown) => {
          if (thrown === used) return false
          throw thrown
        }),
  }
}

const used = new Error('the tenant is in use')

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

async function* rowsOf(transaction: Transaction<Tables>, table: Table): AsyncGenerator<BackupRow, void, undefined> {
  const { key, page } = tables[table]
  const where = isRecords(table) ? 'where document is not null' : ''
  for (let offset = 0; ; offset += page) {
    const sql = `select * from ${table} ${where} order by ${key.map((column) => `"${column}"`).join(', ')}`
    const { rows } = await transaction.executeQuery<BackupRow['values']>(
      CompiledQuery.raw(`${sql} limit ${page} offset ${offset}`),
    )
    for (const row of rows) {
      const columns = Object.entries(row).map(([name, value]) => [snakeCase(name), value] as const)
      yield { table, values: Object.fromEntries(columns) }
    }
    if (rows.length < page) return
  }
}

/** Locks the record stores until the end; whoever has their records in memory finds that all of them changed. */
async function raiseRevisions(transaction: Transaction<Tables>): Promise<ReadonlyMap<string, number>> {
  const raised = await transaction
    .updateTable('counter')
    .set((row) => ({ value: row('value', '+', 1) }))
    .where('name', 'in', recordStores)
    .returning(['name', 'value'])
    .execute()
  return new Map(raised.map(({ name, value }) => [`${name}_record`, value]))
}

/** True when there is anything that the first start did not make. */
async function isUsed(transaction: Transaction<Tables>): Promise<boolean> {
  const [packages, artifacts, deployments, variable] = await Promise.all([
    transaction.selectFrom('integrationPackage').select('modifiedBy').execute(),
    transaction.selectFrom('artifact').select('modifiedBy').execute(),
    transaction.selectFrom('deployment').select('deployedBy as modifiedBy').execute(),
    transaction.selectFrom('variable').select('name').executeTakeFirst(),
  ])
  const byOthers = [...packages, ...artifacts, ...deployments].some(({ modifiedBy }) => !builtIn.has(modifiedBy))
  if (byOthers || variable !== undefined) return true
  for (const store of recordStores) {
    const records = await transaction
      .selectFrom(`${store}Record` as const)
      .select('document')
      .where('document', 'is not', null)
      .execute()
    if (records.some(({ document }) => madeByOthers(document ?? ''))) return true
  }
  return false
}

function madeByOthers(document: string): boolean {
  const { owner, createdBy, modifiedBy, admitted, waiting } = JSON.parse(document) as Readonly<Record<string, unknown>>
  // What a flow may use is recorded with who deployed it.
  const manifests = [admitted, waiting].filter((manifest) => manifest !== undefined)
  const authors =
    manifests.length === 0
      ? [createdBy, modifiedBy]
      : manifests.map((manifest) => (manifest as { readonly deployedBy?: unknown }).deployedBy)
  return owner !== 'system' && authors.some((by) => typeof by !== 'string' || !builtIn.has(by))
}

/** Records stay as deleted ones, for those to hear of it who have them in memory. */
async function empty(transaction: Transaction<Tables>, revisions: ReadonlyMap<string, number>): Promise<void> {
  for (const table of names.toReversed()) {
    const revision = revisions.get(table)
    const sql =
      revision === undefined
        ? `delete from ${table}`
        : `update ${table} set document = null, revision = ${revision} where document is not null`
    await transaction.executeQuery(CompiledQuery.raw(sql))
  }
}

async function write(
  transaction: Transaction<Tables>,
  { table, values }: BackupRow,
  revisions: ReadonlyMap<string, number>,
  dialect: Database['dialect'],
): Promise<void> {
  if (table === 'counter') {
    const value = Number(values['value'])
    // Generations only grow: what runs was deployed under one.
    await transaction
      .updateTable('counter')
      .set({ value })
      .where('name', '=', 'generation')
      .where('value', '<', value)
      .execute()
    return
  }
  const columns = Object.keys(values)
  if (!names.includes(table as Table) || columns.some((name) => !/^[a-z_]+$/.test(name)))
    throw new TypeError(`a backup holds no rows of '${table}'`)
  const revision = revisions.get(table)
  const parameters = Object.values(revision === undefined ? values : { ...values, revision })
  const conflict =
    revision === undefined
      ? ''
      : 'on conflict (kind, id) do update set revision = excluded.revision, document = excluded.document'
  const places = columns.map((_, index) => placeholder(dialect, index)).join(', ')
  const list = columns.map((name) => `"${name}"`).join(', ')
  await transaction.executeQuery(
    CompiledQuery.raw(`insert into ${table} (${list}) values (${places}) ${conflict}`, parameters),
  )
}
