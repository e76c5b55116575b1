import { randomBytes, timingSafeEqual } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { CertificateHolder, Identified, LookUp, UnpinnedKey } from './contracts.ts'
import { groupsOfUsers } from './groups.ts'
import { createIdentified } from './identified.ts'
import { clientIdOf, hashOf } from './key-records.ts'
import { comparable } from './names.ts'
import type { Holder, RegisteredCertificate, ServiceInstance, ServiceKey, User } from './records.ts'
import { isExact, pairOfCertificate } from './registration.ts'
import type { View } from './registry.ts'
import { policyOf } from './tenant-policy.ts'
import { roleNames } from './user-roles.ts'

interface Secret {
  readonly hash: Buffer
  readonly identified: Identified
}

/** Stands where there is no secret to compare with; nobody knows what it is the hash of. */
const nobody = randomBytes(32)
const noKeys: readonly UnpinnedKey[] = []

/** The index over all records. What refers to something missing is left out: it identifies nobody. */
export function createLookUp(view: View, clock: Clock): LookUp {
  const known = roleNames(view)
  const groups = groupsOfUsers(view)
  const identified = createIdentified({ view, known, groups })
  const holders = certificateHolders(view, identified)
  const renewable = renewableKeys(view, clock)
  const secretsByClient = secretsOf(view, identified)
  const users = new Map<string, { readonly user: User; readonly identified: Identified }>()
  for (const [id, user] of view.of('user')) users.set(id, { user, identified: identified.ofPassword(user) })
  const instanceByClient = instancesByClient(view)
  const policy = policyOf(view)
  const endpointPolicies = view.of('endpointPolicy')
  const providers = new Map([...view.of('identityProvider').values()].map((each) => [each.issuer, each]))

  return {
    byCertificate: (fingerprint) => holders.get(fingerprint),
    unpinned: renewable.unpinned,
    pinnedUnder: renewable.pinnedUnder,
    byClientSecret(clientId, secret) {
      const given = hashOf(secret)
      const candidates = secretsByClient.get(clientId)
      if (candidates === undefined) {
        timingSafeEqual(given, nobody)
        return undefined
      }
      const now = clock.now()
      let found: Identified | undefined
      for (const { hash, identified } of candidates)
        if (timingSafeEqual(given, hash) && now < (identified.until ?? Infinity)) found = identified
      return found
    },
    knowsClient: (clientId) => secretsByClient.has(clientId),
    user: (name) => users.get(comparable(name)),
    byToken(token) {
      const instance = instanceByClient.get(token.clientId)
      if (instance === undefined) return undefined
      const user = token.user === undefined ? undefined : view.of('user').get(comparable(token.user))
      return user?.locked === true ? undefined : identified.ofToken(instance, user, token)
    },
    identityProviderOf: (issuer) => providers.get(issuer),
    policy: () => policy,
    endpointPolicy: (address) => endpointPolicies.get(address),
  }
}

type Identifieds = ReturnType<typeof createIdentified>

function certificateHolders(view: View, identified: Identifieds): ReadonlyMap<string, CertificateHolder> {
  const holders = new Map<string, CertificateHolder>()
  for (const certificate of view.of('certificate').values()) {
    const { fingerprint, holder, from } = certificate
    const owner = ownerOf(view, holder, certificate, identified)
    if (owner === undefined) continue
    const until = owner.until === undefined ? certificate.until : Math.min(owner.until, certificate.until ?? Infinity)
    holders.set(fingerprint, { holder, identified: owner.identified, from, until })
  }
  return holders
}

/** Undefined when what a certificate stands for is gone or locked. */
function ownerOf(view: View, { kind, id }: Holder, certificate: RegisteredCertificate, identified: Identifieds) {
  if (kind === 'channel' || kind === 'proxy') return { identified: undefined, until: undefined }
  if (kind === 'user') {
    const user = view.of('user').get(comparable(id))
    if (user === undefined || user.locked) return undefined
    return { identified: identified.ofMapping(user, certificate), until: undefined }
  }
  const key = view.of('key').get(id)
  const instance = key && view.of('instance').get(key.instanceId)
  return instance && { identified: identified.ofKey(instance, key, certificate), until: key.until }
}

/** Which keys accept renewed certificates, by the names of those they have. */
function renewableKeys(view: View, clock: Clock): Pick<LookUp, 'unpinned' | 'pinnedUnder'> {
  const newest = new Map<string, number>()
  const keysByPair = new Map<string, Set<string>>()
  const exact = new Set<string>()
  for (const certificate of view.of('certificate').values()) {
    const { holder, validFrom } = certificate
    const pair = pairOfCertificate(certificate)
    if (pair === undefined) continue
    if (isExact(view, holder)) exact.add(pair)
    else {
      newest.set(holder.id, Math.max(newest.get(holder.id) ?? validFrom, validFrom))
      keysByPair.set(pair, (keysByPair.get(pair) ?? new Set()).add(holder.id))
    }
  }
  const countsAt = (id: string, now: number) => {
    const until = view.of('key').get(id)?.until
    return until === undefined || now < until
  }
  const byPair = new Map<string, readonly UnpinnedKey[]>()
  for (const [pair, ids] of keysByPair)
    byPair.set(
      pair,
      [...ids].map((keyId) => ({ keyId, newest: newest.get(keyId) ?? Infinity })),
    )
  return {
    unpinned(pair) {
      const keys = byPair.get(pair)
      if (keys === undefined) return noKeys
      const now = clock.now()
      return keys.every(({ keyId }) => countsAt(keyId, now)) ? keys : keys.filter(({ keyId }) => countsAt(keyId, now))
    },
    pinnedUnder: (pair) => exact.has(pair),
  }
}

function secretsOf(view: View, identified: Identifieds): ReadonlyMap<string, readonly Secret[]> {
  const secrets = new Map<string, Secret[]>()
  for (const key of view.of('key').values()) {
    const instance = view.of('instance').get(key.instanceId)
    const hash = secretHashOf(key)
    if (instance === undefined || hash === undefined) continue
    const secret = { hash, identified: identified.ofKey(instance, key, undefined) }
    const present = secrets.get(key.clientId)
    if (present === undefined) secrets.set(key.clientId, [secret])
    else present.push(secret)
  }
  return secrets
}

function secretHashOf({ type, secretHash }: ServiceKey): Buffer | undefined {
  if (type !== 'secret' || secretHash === undefined) return undefined
  const hash = Buffer.from(secretHash, 'hex')
  return hash.length === nobody.length ? hash : undefined
}

/** Which instance a client id names. One that names two names nobody. */
function instancesByClient(view: View): ReadonlyMap<string, ServiceInstance | undefined> {
  const instances = new Map<string, ServiceInstance | undefined>()
  for (const { clientId, instanceId } of view.of('key').values()) {
    const instance = view.of('instance').get(instanceId)
    const other = instances.has(clientId) && instances.get(clientId)?.id !== instanceId
    instances.set(clientId, other ? undefined : instance)
  }
  for (const instance of view.of('instance').values()) instances.set(clientIdOf(instance), instance)
  return instances
}
