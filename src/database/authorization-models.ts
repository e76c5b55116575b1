import type { ModelStore, StoredModel } from '../auth/index.ts'
import type { Database } from './open-database.ts'
import { changed } from './outcome.ts'
import type { Tables } from './tables.ts'

const modelOf = (row: Tables['authorizationModel']): StoredModel => ({
  ...row,
  grantId: row.grantId ?? undefined,
  uid: row.uid ?? undefined,
  consumed: row.consumed ?? undefined,
})

/** Sessions, grants, codes and refresh tokens in the database of a tenant. */
export const createModelStore = ({ query }: Database): ModelStore => ({
  async put({ kind, id, sealed, expires, ...model }) {
    const links = { grantId: model.grantId ?? null, uid: model.uid ?? null, sealed, expires }
    await query
      .insertInto('authorizationModel')
      .values({ kind, id, ...links, consumed: null })
      .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet(links))
      .execute()
  },
  async find(kind, id) {
    const row = await query
      .selectFrom('authorizationModel')
      .selectAll()
      .where('kind', '=', kind)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && modelOf(row)
  },
  async findByUid(kind, uid) {
    const row = await query
      .selectFrom('authorizationModel')
      .selectAll()
      .where('uid', '=', uid)
      .where('kind', '=', kind)
      .executeTakeFirst()
    return row && modelOf(row)
  },
  consume: async (kind, id, now) =>
    changed(
      await query
        .updateTable('authorizationModel')
        .set({ consumed: now })
        .where('kind', '=', kind)
        .where('id', '=', id)
        .where('consumed', 'is', null)
        .executeTakeFirst(),
    ),
  async remove(kind, id) {
    await query.deleteFrom('authorizationModel').where('kind', '=', kind).where('id', '=', id).execute()
  },
  async removeByGrant(grantId) {
    await query.deleteFrom('authorizationModel').where('grantId', '=', grantId).execute()
  },
  async expire(now) {
    const { numDeletedRows } = await query
      .deleteFrom('authorizationModel')
      .where('expires', '<=', now)
      .executeTakeFirst()
    return Number(numDeletedRows)
  },
})
