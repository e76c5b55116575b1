import type { Selectable, Transaction } from 'kysely'
import type { Deployment, DeploymentFault, DeploymentStore } from '../runtime/index.ts'
import type { Database } from './open-database.ts'
import { changed, removed, toBuffer } from './outcome.ts'
import type { Tables } from './tables.ts'

const fromRow = (row: Selectable<Tables['deployment']>): Deployment => ({
  ...row,
  fault: row.fault === null ? undefined : (JSON.parse(row.fault) as DeploymentFault),
})

/** A task whose deployment was replaced or removed before it was done has failed. */
const closeOpenTasks = (transaction: Transaction<Tables>, artifactId: string) =>
  transaction
    .updateTable('deployTask')
    .set({ status: 'FAIL' })
    .where('artifactId', '=', artifactId)
    .where('status', '=', 'DEPLOYING')
    .execute()

async function put(
  transaction: Transaction<Tables>,
  { content, ...given }: Parameters<DeploymentStore['put']>[0],
): Promise<Deployment> {
  const { artifactId, taskId } = given
  // The row of the counter is locked until the end, so generations become visible in their order.
  const { value: generation } = await transaction
    .updateTable('counter')
    .set((row) => ({ value: row('value', '+', 1) }))
    .where('name', '=', 'generation')
    .returning('value')
    .executeTakeFirstOrThrow()
  const fresh = { ...given, generation, status: 'STARTING', fault: null } as const
  const row = await transaction
    .insertInto('deployment')
    .values({ ...fresh, logLevel: 'INFO' })
    .onConflict((conflict) => conflict.column('artifactId').doUpdateSet(fresh))
    .returningAll()
    .executeTakeFirstOrThrow()
  await transaction
    .insertInto('deploymentContent')
    .values({ artifactId, content, started: null })
    .onConflict((conflict) => conflict.column('artifactId').doUpdateSet({ content }))
    .execute()
  await closeOpenTasks(transaction, artifactId)
  await transaction.insertInto('deployTask').values({ taskId, artifactId, status: 'DEPLOYING' }).execute()
  return fromRow(row)
}

async function report(
  transaction: Transaction<Tables>,
  { artifactId, generation, status, fault, endpoints }: Parameters<DeploymentStore['report']>[0],
): Promise<void> {
  const updated = await transaction
    .updateTable('deployment')
    .set({ status, fault: fault ? JSON.stringify(fault) : null })
    .where('artifactId', '=', artifactId)
    .where('generation', '=', generation)
    .returning('taskId')
    .executeTakeFirst()
  if (!updated) return
  await transaction.deleteFrom('endpoint').where('artifactId', '=', artifactId).execute()
  if (endpoints.length > 0) {
    const rows = endpoints.map(({ protocol, path }) => ({ artifactId, protocol, path }))
    await transaction
      .insertInto('endpoint')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  if (status === 'STARTED') {
    await transaction
      .updateTable('deploymentContent')
      .set((row) => ({ started: row.ref('content') }))
      .where('artifactId', '=', artifactId)
      .execute()
  }
  if (status !== 'STARTED' && status !== 'ERROR') return
  await transaction
    .updateTable('deployTask')
    .set({ status: status === 'STARTED' ? 'SUCCESS' : 'FAIL' })
    .where('taskId', '=', updated.taskId)
    .execute()
}

/** What is to run, in the database of a tenant. */
export function createDeploymentStore({ query }: Database): DeploymentStore {
  return {
    list: async () => (await query.selectFrom('deployment').selectAll().orderBy('artifactId').execute()).map(fromRow),
    find: async (artifactId) => {
      const row = await query
        .selectFrom('deployment')
        .selectAll()
        .where('artifactId', '=', artifactId)
        .executeTakeFirst()
      return row && fromRow(row)
    },
    content: async (artifactId) =>
      toBuffer(
        await query
          .selectFrom('deploymentContent')
          .select('content')
          .where('artifactId', '=', artifactId)
          .executeTakeFirst(),
      ),
    startedContent: async (artifactId) => {
      const row = await query
        .selectFrom('deploymentContent')
        .select('started')
        .where('artifactId', '=', artifactId)
        .executeTakeFirst()
      return row?.started ? Buffer.from(row.started) : undefined
    },
    put: (given) => query.transaction().execute((transaction) => put(transaction, given)),
    report: (given) => query.transaction().execute((transaction) => report(transaction, given)),
    remove: (artifactId) =>
      query.transaction().execute(async (transaction) => {
        await closeOpenTasks(transaction, artifactId)
        return removed(
          await transaction.deleteFrom('deployment').where('artifactId', '=', artifactId).executeTakeFirst(),
        )
      }),
    setLogLevel: async (artifactId, logLevel) =>
      changed(
        await query.updateTable('deployment').set({ logLevel }).where('artifactId', '=', artifactId).executeTakeFirst(),
      ),
    task: (taskId) => query.selectFrom('deployTask').selectAll().where('taskId', '=', taskId).executeTakeFirst(),
    endpoints: () => query.selectFrom('endpoint').selectAll().orderBy('artifactId').orderBy('path').execute(),
  }
}
