import { faults } from './faults.ts'
import { masterKeysOf, openRing, sealRing } from './key-ring.ts'
import type { MasterKeyFile, MasterKeySource } from './master-key-source.ts'
import type { TenantStore } from './ports.ts'
import { keyId } from './seal.ts'

/**
 * Puts a new master key in the place of the one in a file. Until the rings of all tenants are sealed anew, in one
 * transaction, the old key counts, and from then on the new one: a start after a kill tells by the rings.
 * @throws keystore.masterKeyMissing, masterKeyUnreadable, masterKeyWrong, sealBroken
 */
export async function rotateMasterKeyFile(given: {
  readonly file: MasterKeyFile
  readonly tenants: TenantStore
}): Promise<void> {
  const { file, tenants } = given
  const present = await tenants.list()
  const current = await file.open(present.map(({ sealedKey }) => sealedKey))
  // A wrong key is found out before anything is written.
  for (const { id, sealedKey } of present) openRing({ masterKey: current, tenant: id, sealedKey })
  await sealRings(tenants, current, await file.prepareNext())
  await file.installNext()
}

/**
 * Goes from the master key of one source to that of another, such as two commands. The installation has to be told of
 * the other source: with the old one it starts no more.
 * @throws keystore.masterKeyUnchanged, masterKeyWrong, sealBroken, and what the sources throw
 */
export async function rotateMasterKey(given: {
  readonly from: Pick<MasterKeySource, 'read'>
  readonly to: Pick<MasterKeySource, 'read'>
  readonly tenants: TenantStore
}): Promise<void> {
  const { from, to, tenants } = given
  await sealRings(tenants, await from.read(), await to.read())
}

async function sealRings(tenants: TenantStore, current: Buffer, next: Buffer): Promise<void> {
  const nextId = keyId(next)
  if (nextId === keyId(current)) throw faults.masterKeyUnchanged()
  for (;;) {
    const old = (await tenants.list()).filter(({ sealedKey }) => masterKeysOf(sealedKey).some((id) => id !== nextId))
    if (old.length === 0) return
    const changes = old.map(({ id, sealedKey }) => {
      const ring = openRing({ masterKey: current, tenant: id, sealedKey })
      return { id, expected: sealedKey, next: sealRing(ring, { masterKey: next, tenant: id }) }
    })
    await tenants.update(changes)
  }
}
