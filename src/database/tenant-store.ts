import type { TenantStore } from '../keystore/index.ts'
import { faults } from './faults.ts'
import { type Database, isTenantId } from './open-database.ts'
import { changed } from './outcome.ts'

/** The tenants of the installation. `insert` throws database.tenantInvalid for an id that no schema can have. */
export const createTenantStore = ({ query }: Database): TenantStore => ({
  list: () => query.selectFrom('tenant').selectAll().orderBy('id').execute(),
  insert: async ({ id, sealedKey }) => {
    if (!isTenantId(id)) throw faults.tenantInvalid({ tenant: id })
    return changed(
      await query
        .insertInto('tenant')
        .values({ id, sealedKey })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    )
  },
  update: (changes) =>
    query
      .transaction()
      .execute(async (transaction) => {
        for (const { id, expected, next } of changes) {
          const updated = await transaction
            .updateTable('tenant')
            .set({ sealedKey: next })
            .where('id', '=', id)
            .where('sealedKey', '=', expected)
            .executeTakeFirst()
          // Throwing takes back what was written for the others.
          if (!changed(updated)) throw overtaken
        }
        return true
      })
      .catch((thrown: unknown) => {
        if (thrown === overtaken) return false
        throw thrown
      }),
})

const overtaken = new Error('another process changed the keys of a tenant')
