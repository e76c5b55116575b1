import type { TenantStore } from '../keystore/index.ts'
import { faults } from './faults.ts'
import { type Database, isTenantId } from './open-database.ts'
import { changed } from './outcome.ts'

/** The tenants of the installation. `insert` throws database.tenantInvalid for an id that no schema can have. */
export const createTenantStore = ({ query }: Database): TenantStore => ({
  list: () => query.selectFrom('tenant').selectAll().orderBy('id').execute(),
  insert: async (tenant) => {
    if (!isTenantId(tenant.id)) throw faults.tenantInvalid({ tenant: tenant.id })
    return changed(
      await query
        .insertInto('tenant')
        .values(tenant)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    )
  },
})
