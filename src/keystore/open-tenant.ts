import { faults } from './faults.ts'
import { newTenantKey, openTenantKeys } from './key-ring.ts'
import type { MasterKeySource } from './master-key-source.ts'
import type { TenantStore } from './ports.ts'

/**
 * The keys of a tenant for a start, the one that seals first; the tenant is made where there is none.
 * @throws keystore.masterKeyMissing, masterKeyUnreadable, masterKeyCommandFailed, masterKeyWrong, sealBroken
 */
export async function openTenant(given: {
  readonly tenants: TenantStore
  readonly source: MasterKeySource
  readonly tenant: string
}): Promise<readonly Buffer[]> {
  const { tenants, source, tenant } = given
  const present = await tenants.list()
  const masterKey = await source.open(present.map(({ sealedKey }) => sealedKey))
  // Of any tenant: one more must not be sealed under another key than the rest.
  for (const { id, sealedKey } of present) openTenantKeys({ masterKey, tenant: id, sealedKey })
  if (!present.some(({ id }) => id === tenant)) {
    // False when another process was first; then its key counts.
    await tenants.insert({ id: tenant, sealedKey: newTenantKey({ masterKey, tenant }).sealedKey })
  }
  const mine = (await tenants.list()).find(({ id }) => id === tenant)
  if (mine === undefined) throw faults.tenantUnknown({ tenant })
  return openTenantKeys({ masterKey, tenant, sealedKey: mine.sealedKey })
}
