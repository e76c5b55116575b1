import { randomBytes } from 'node:crypto'

import { faults } from './faults.ts'
import type { TenantStore } from './ports.ts'
import { createSealer, keyBytes, keyId, sealedWith } from './seal.ts'

/*
 * The keys of a tenant as the installation keeps them: each sealed under the master key, parted by blanks, the one that
 * seals first. A last one with `+` before it is on standby: it opens already, and seals as soon as everybody has it.
 */
const context = 'tenant key'
const standbyMark = '+'

/** The keys of a tenant, opened. */
export interface KeyRing {
  /** The first one seals, all open. */
  readonly keys: readonly Buffer[]
  /** True when the last one waits to become the first. */
  readonly standby: boolean
}

/** Where a tenant's keys are kept, and under what. */
export interface RingPlace {
  readonly tenants: TenantStore
  readonly masterKey: Uint8Array
  readonly tenant: string
}

/** Draws a key for a tenant and seals it under the master key. */
export function newTenantKey(given: { readonly masterKey: Uint8Array; readonly tenant: string }) {
  const key = randomBytes(keyBytes)
  return { key, sealedKey: sealRing({ keys: [key], standby: false }, given) }
}

/** The names of the master keys that sealed a ring. */
export const masterKeysOf = (sealedKey: string): readonly (string | undefined)[] =>
  partsOf(sealedKey).map(({ sealed }) => sealedWith(sealed))

/** @throws keystore.masterKeyWrong, keystore.sealBroken */
export function openRing(given: {
  readonly masterKey: Uint8Array
  readonly tenant: string
  readonly sealedKey: string
}): KeyRing {
  const { masterKey, tenant, sealedKey } = given
  const parts = partsOf(sealedKey)
  const id = keyId(masterKey)
  if (masterKeysOf(sealedKey).some((name) => name !== undefined && name !== id)) throw faults.masterKeyWrong({ tenant })
  const sealer = createSealer({ key: masterKey, tenant })
  const keys = parts.map(({ sealed }) => sealer.open(sealed, context))
  if (keys.some(({ length }) => length !== keyBytes)) throw faults.sealBroken({ context, why: 'it is no key' })
  return { keys, standby: parts.at(-1)?.standby ?? false }
}

/** Seals a ring under a master key. */
export function sealRing(
  { keys, standby }: KeyRing,
  { masterKey, tenant }: { readonly masterKey: Uint8Array; readonly tenant: string },
): string {
  const sealer = createSealer({ key: masterKey, tenant })
  return keys
    .map((key, index) => (standby && index === keys.length - 1 ? standbyMark : '') + sealer.seal(key, context))
    .join(' ')
}

/** The keys of a tenant, the one that seals first. @throws keystore.masterKeyWrong, keystore.sealBroken */
export const openTenantKeys = (given: Parameters<typeof openRing>[0]): readonly Buffer[] => openRing(given).keys

/** The key of a tenant that seals. @throws keystore.masterKeyWrong, keystore.sealBroken */
export function openTenantKey(given: Parameters<typeof openRing>[0]): Buffer {
  const [key] = openTenantKeys(given)
  if (key === undefined) throw faults.sealBroken({ context, why: 'it is not in a known format' })
  return key
}

/** @throws keystore.tenantUnknown, masterKeyWrong, sealBroken */
export async function readRing(place: RingPlace): Promise<KeyRing> {
  const { ring } = await read(place)
  return ring
}

/** Draws a key that opens from now on, and does not seal yet. A ring that has several keys stays as it is. */
export const addTenantKey = (place: RingPlace): Promise<KeyRing> =>
  change(place, ({ keys, standby }) =>
    keys.length > 1 ? { keys, standby } : { keys: [...keys, randomBytes(keyBytes)], standby: true },
  )

/** Lets the key on standby seal. Everybody must have it by now. */
export const promoteTenantKey = (place: RingPlace): Promise<KeyRing> =>
  change(place, ({ keys, standby }) =>
    standby ? { keys: [...keys.slice(-1), ...keys.slice(0, -1)], standby: false } : { keys, standby },
  )

/** Takes keys (by name) out of the ring, never the one that seals. What they sealed opens no more. */
export const retireTenantKeys = (place: RingPlace, ids: readonly string[]): Promise<KeyRing> =>
  change(place, ({ keys, standby }) => ({
    keys: keys.filter((key, index) => index === 0 || !ids.includes(keyId(key))),
    standby,
  }))

function partsOf(sealedKey: string): readonly { readonly sealed: string; readonly standby: boolean }[] {
  return sealedKey.split(' ').map((part) => {
    const standby = part.startsWith(standbyMark)
    return { sealed: standby ? part.slice(standbyMark.length) : part, standby }
  })
}

async function read(place: RingPlace): Promise<{ readonly ring: KeyRing; readonly sealedKey: string }> {
  const { tenants, masterKey, tenant } = place
  const found = (await tenants.list()).find(({ id }) => id === tenant)
  if (found === undefined) throw faults.tenantUnknown({ tenant })
  return { ring: openRing({ masterKey, tenant, sealedKey: found.sealedKey }), sealedKey: found.sealedKey }
}

async function change(place: RingPlace, work: (ring: KeyRing) => KeyRing): Promise<KeyRing> {
  for (;;) {
    const { ring, sealedKey } = await read(place)
    const next = work(ring)
    const same = next.keys.length === ring.keys.length && next.keys[0] === ring.keys[0]
    if (same) return ring
    const update = { id: place.tenant, expected: sealedKey, next: sealRing(next, place) }
    if (await place.tenants.update([update])) return next
  }
}
