import { addTenantKey, promoteTenantKey, type RingPlace, readRing, retireTenantKeys } from './key-ring.ts'
import type { MasterKeySource } from './master-key-source.ts'
import { createSealer, keyId, sealedStart } from './seal.ts'
import type { ResealedValue, SealedValue, SealedValues } from './sealed-values.ts'
import { type BrokenSeal, openValue } from './verify-seals.ts'

/** How far a rotation has come. */
export interface RotationProgress {
  /**
   * `waiting`: something sealed under an old key has not reached the database yet, so that key stays; go on later.
   * `blocked`: what is broken names an old key, so that key stays; enter those values again or remove them.
   */
  readonly state: 'resealing' | 'waiting' | 'blocked' | 'done'
  /** How many values were sealed anew so far. */
  readonly resealed: number
  readonly broken: readonly BrokenSeal[]
}

/** What a rotation works on. */
export interface Rotation {
  readonly tenant: string
  readonly tenants: RingPlace['tenants']
  readonly masterKey: Pick<MasterKeySource, 'read'>
  readonly values: readonly SealedValues[]
  /**
   * Tells every process of the tenant its keys (the first seals) and to read records anew. Resolves when all of them
   * have done so; rejects when one did not, which ends the rotation until it is started again.
   */
  readonly announce: (keys: readonly Buffer[]) => Promise<void>
  /** True when nothing that was sealed before the last announcement is still on its way to the database. */
  readonly settled: () => Promise<boolean>
}

/**
 * Gives a tenant a new key and seals everything under it, while the tenant works. A rotation that was cut off goes on
 * where it was; with `only: 'resume'` nothing happens unless there was one.
 * @throws keystore.tenantUnknown, masterKeyWrong, sealBroken, and what reading the master key and `announce` throw
 */
export async function* rotateTenantKey(
  given: Rotation & { readonly only?: 'resume' },
): AsyncGenerator<RotationProgress, void, undefined> {
  const { tenant, tenants, masterKey, values, announce, settled } = given
  const place: RingPlace = { tenants, tenant, masterKey: await masterKey.read() }
  let ring = given.only === 'resume' ? await readRing(place) : await addTenantKey(place)
  if (ring.keys.length === 1) return
  // Everybody can open with the new key before anybody seals with it.
  await announce(ring.keys)
  if (ring.standby) {
    ring = await promoteTenantKey(place)
    await announce(ring.keys)
  }
  let resealed = 0
  for (let clean = false; !clean; ) {
    // Asked before the pass: what arrives during the pass may have been missed by it.
    const allArrived = await settled()
    let found = 0
    const broken: BrokenSeal[] = []
    for await (const step of reseal(values, tenant, ring.keys)) {
      found += step.found
      resealed += step.written
      broken.push(...step.broken)
      yield { state: 'resealing', resealed, broken }
    }
    // Of what others changed meanwhile another pass finds what is left.
    if (found > 0) continue
    clean = broken.length === 0 && allArrived
    if (clean) continue
    yield { state: broken.length > 0 ? 'blocked' : 'waiting', resealed, broken }
    return
  }
  // Nobody may hold a record that was read before it was sealed anew.
  await announce(ring.keys)
  ring = await retireTenantKeys(place, ring.keys.slice(1).map(keyId))
  await announce(ring.keys)
  yield { state: 'done', resealed, broken: [] }
}

/** One pass over everything that the first key did not seal. */
async function* reseal(values: readonly SealedValues[], tenant: string, keys: readonly Buffer[]) {
  const sealer = createSealer({ keys, tenant })
  const [current] = sealer.keys()
  const without = current === undefined ? '' : sealedStart(keyId(current))
  for (const place of values) {
    for await (const page of place.pages(without)) {
      const broken: BrokenSeal[] = []
      const changes: ResealedValue<SealedValue>[] = []
      for (const value of page) {
        const opened = openValue(sealer, value)
        if (!Buffer.isBuffer(opened)) broken.push(opened)
        else if (value.context !== undefined) {
          changes.push({ value, next: sealer.seal(opened, value.context) })
          opened.fill(0)
        }
      }
      const written = changes.length === 0 ? 0 : await place.replace(changes)
      yield { found: changes.length, written, broken }
    }
  }
}
