import type { VariableStore } from '../stores/index.ts'
import type { Database } from './open-database.ts'
import { removed } from './outcome.ts'

/** Variables in the database of a tenant. */
export const createVariableStore = ({ query }: Database): VariableStore => ({
  find: (name, flowId) =>
    query.selectFrom('variable').selectAll().where('name', '=', name).where('flowId', '=', flowId).executeTakeFirst(),
  put: async (variable) => {
    await query
      .insertInto('variable')
      .values(variable)
      .onConflict((conflict) => conflict.columns(['name', 'flowId']).doUpdateSet(variable))
      .execute()
  },
  list: () => query.selectFrom('variable').selectAll().orderBy('name').orderBy('flowId').execute(),
  remove: async (name, flowId) =>
    removed(
      await query.deleteFrom('variable').where('name', '=', name).where('flowId', '=', flowId).executeTakeFirst(),
    ),
  expire: async (now) => {
    const { numDeletedRows } = await query.deleteFrom('variable').where('retainUntil', '<=', now).executeTakeFirst()
    return Number(numDeletedRows)
  },
})
