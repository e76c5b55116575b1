import { createHash } from 'node:crypto'

import type { RevokedTokenStore, SpentIdStore } from '../auth/index.ts'
import type { Database } from './open-database.ts'
import { changed } from './outcome.ts'

/** Issuers name their assertions as they like: a hash is short, and holds what no column takes. */
const spentKey = (issuer: string, id: string): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, id]))
    .digest('hex')

/** Ids of assertions that were used; of two who insert one at once one wins. */
export const createSpentIdStore = ({ query }: Database): SpentIdStore => ({
  spend: async (issuer, id, until) =>
    changed(
      await query
        .insertInto('spentId')
        .values({ id: spentKey(issuer, id), expires: Math.ceil(until) })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst(),
    ),
  async expire(now) {
    const { numDeletedRows } = await query.deleteFrom('spentId').where('expires', '<=', now).executeTakeFirst()
    return Number(numDeletedRows)
  },
})

/** Revoked tokens, each at a position: whoever has read up to one misses none that comes later. */
export const createRevokedTokenStore = ({ query }: Database): RevokedTokenStore => ({
  revoke: ({ id, expires }) =>
    query.transaction().execute(async (transaction) => {
      // Locks the counter until the end, so that positions become visible in their order.
      const { value: position } = await transaction
        .updateTable('counter')
        .set((row) => ({ value: row('value', '+', 1) }))
        .where('name', '=', 'revocation')
        .returning('value')
        .executeTakeFirstOrThrow()
      await transaction
        .insertInto('revokedToken')
        .values({ id, expires, position })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    }),
  async load(after) {
    const rows = await query
      .selectFrom('revokedToken')
      .selectAll()
      .where('position', '>', after)
      .orderBy('position')
      .execute()
    return {
      position: rows.at(-1)?.position ?? after,
      tokens: rows.map(({ id, expires }) => ({ id, expires })),
    }
  },
  async expire(now) {
    const { numDeletedRows } = await query.deleteFrom('revokedToken').where('expires', '<=', now).executeTakeFirst()
    return Number(numDeletedRows)
  },
})
