import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import {
  type BuiltInCa,
  createBuiltInCa,
  createSealer,
  factsOf,
  openBuiltInCa,
  readCertificates,
} from '../keystore/index.ts'
import type { Identity, KeyRequest } from './contracts.ts'
import { createIdentity } from './identity.ts'
import type { ServiceInstance } from './records.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const hour = 3_600_000
let ca: BuiltInCa
let authority: Authority
let identity: Identity
let instance: ServiceInstance
let now: number
const clock = { ...systemClock, now: () => now }

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  authority = await newAuthority('CN=Partner CA')
})
beforeEach(async () => {
  now = Date.now()
  identity = await createIdentity({ store: inMemoryRegistry(), sealer, clock, ca })
  instance = await identity.instances.create({ name: 'orders', plan: 'integration-flow' }, 'ada')
})

const create = (request: KeyRequest, id = instance.id) => identity.keys.create(id, request, 'ada')
const fingerprintOf = (pem = '') => factsOf(readCertificates(pem)[0]!).fingerprint

describe('rotating', () => {
  it('a secret: both count in the overlap, then the new one alone', async () => {
    const old = await create({ name: 'k', type: 'secret' })
    const next = await identity.keys.rotate(old.key.id, { overlap: hour }, 'eve')
    assert.deepEqual(
      [next.key.name, next.key.clientId, next.key.until, next.key.createdBy],
      ['k-2', old.key.clientId, undefined, 'eve'],
    )
    const who = ({ secret = '' }: typeof old) => identity.byClientSecret(old.key.clientId, secret)?.client
    assert.deepEqual([who(old), who(next)], [`instance ${instance.id}`, `instance ${instance.id}`])
    assert.equal(identity.byClientSecret(old.key.clientId, old.secret ?? '')?.until, now + hour)
    now += hour
    assert.deepEqual([who(old), who(next)], [undefined, `instance ${instance.id}`])
    assert.equal(identity.keys.open(next.key.id).secret, next.secret)
    // The end of what has ended already does not move.
    await identity.keys.rotate(old.key.id, { overlap: hour }, 'eve')
    assert.equal(identity.keys.find(old.key.id)?.until, now)
  })

  it('a secret without overlap deletes the old key', async () => {
    const old = await create({ name: 'k-2', type: 'secret' })
    const next = await identity.keys.rotate(old.key.id, { overlap: 0 }, 'eve')
    assert.deepEqual(identity.keys.list(instance.id), [next.key])
    assert.equal(identity.byClientSecret(old.key.clientId, old.secret ?? ''), undefined)
  })

  it('an issued certificate: another one of the same key, as long and strong, with a new private key', async () => {
    const old = await create({ name: 'k', type: 'certificate', validityDays: 3, keySize: 3072 })
    const next = await identity.keys.rotate(old.key.id, { overlap: hour }, 'eve')
    assert.equal(next.key.id, old.key.id)
    const leaf = readCertificates(next.certificate ?? '')[0]!
    assert.equal(leaf.publicKey.asymmetricKeyDetails?.modulusLength, 3072)
    const { validFrom, validTo } = factsOf(leaf)
    assert.equal(Math.round((validTo - validFrom) / (24 * hour)), 3)
    assert.ok(leaf.checkPrivateKey(createPrivateKey(next.privateKey ?? '')))
    assert.deepEqual(identity.keys.open(old.key.id), next)
    assert.deepEqual(
      [old, next].map(({ certificate }) => identity.byCertificate(fingerprintOf(certificate))?.until),
      [now + hour, undefined],
    )
  })

  it('an external certificate: the one that is given, beside the old one', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => authority.issue({ subject: 'CN=sender' })))
    const old = await create({ name: 'k', type: 'certificate_external', certificate: one!.chain, pinned: false })
    for (const request of [{ overlap: hour }, { overlap: -1, certificate: other!.chain }])
      await assert.rejects(identity.keys.rotate(old.key.id, request, 'eve'), { code: 'identity.keyInvalid' })
    await assert.rejects(identity.keys.rotate(old.key.id, { overlap: hour, certificate: one!.chain }, 'eve'), {
      code: 'identity.certificateTaken',
    })
    await identity.keys.rotate(old.key.id, { overlap: hour, certificate: other!.chain }, 'eve')
    assert.deepEqual(
      [one, other].map((made) => identity.byCertificate(fingerprintOf(made?.chain))?.until),
      [now + hour, undefined],
    )
    const third = await authority.issue({ subject: 'CN=other' })
    await identity.keys.rotate(old.key.id, { overlap: 0, certificate: third.chain }, 'eve')
    assert.equal(identity.certificates.list({ kind: 'key', id: old.key.id }).length, 1)
  })

  it('a key that takes no certificate refuses one', async () => {
    const { chain } = await authority.issue({ subject: 'CN=sender' })
    const { key } = await create({ name: 'k', type: 'secret' })
    await assert.rejects(identity.keys.rotate(key.id, { overlap: 0, certificate: chain }, 'eve'), {
      code: 'identity.keyInvalid',
    })
    await assert.rejects(identity.certificates.addToKey(key.id, { certificate: chain }, 'eve'), {
      code: 'identity.keyInvalid',
    })
  })
})

it('a key can have several certificates, each in its window', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => authority.issue({ subject: 'CN=sender' })))
  const { key } = await create({ name: 'k', type: 'certificate_external', certificate: one!.chain })
  const until = now + hour
  const added = await identity.certificates.addToKey(key.id, { certificate: other!.chain, from: now, until }, 'eve')
  assert.deepEqual([added.from, added.until, added.holder.id], [now, until, key.id])
  assert.equal(identity.byCertificate(added.fingerprint)?.identified?.principal.clientId, key.clientId)
  await identity.keys.remove(key.id, 'ada')
  assert.deepEqual(identity.certificates.list(), [])
})

describe('client ids', () => {
  it('name one instance: another one cannot take them', async () => {
    const other = await identity.instances.create({ name: 'other', plan: 'api', roles: ['X'] }, 'ada')
    await create({ name: 'k', type: 'secret', clientId: 'shop' })
    await create({ name: 'l', type: 'secret', clientId: 'shop' })
    for (const clientId of ['shop', `sb-${instance.id}!sluice`])
      await assert.rejects(create({ name: 'k', type: 'secret', clientId }, other.id), {
        code: 'identity.clientIdTaken',
        message: /service instance 'orders'/,
      })
  })

  for (const [name, request] of [
    ['a short secret', { type: 'secret', secret: 'x'.repeat(31) }],
    ['a client id with a colon', { type: 'secret', clientId: 'a:b' }],
    ['an unknown type', { type: 'token' as 'secret' }],
    ['no validity', { type: 'certificate', validityDays: 0 }],
  ] as const)
    it(`${name} is refused`, () => assert.rejects(create({ name: 'k', ...request }), { code: 'identity.keyInvalid' }))
})

it('an instance keeps its plan, and what a change does not name', async () => {
  const changed = await identity.instances.update(instance.id, { tokenValidity: 7200 }, 'eve')
  assert.deepEqual(
    [changed.name, changed.roles, changed.tokenValidity, changed.createdBy, changed.modifiedBy],
    ['orders', ['ESBMessaging.send'], 7200, 'ada', 'eve'],
  )
  await assert.rejects(identity.instances.update(instance.id, { plan: 'api' } as object, 'eve'), {
    code: 'identity.instanceInvalid',
    message: /plan cannot be changed/,
  })
})
