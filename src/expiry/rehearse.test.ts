import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { type Authority, newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock as clock } from '../base/index.ts'
import { createIdentity, type Identity } from '../identity/index.ts'
import { createBuiltInCa, createSealer, openBuiltInCa } from '../keystore/index.ts'
import { createExpiryCalendar, createRehearsal, type ExpiryCalendar, identitySource, type Rehearse } from './index.ts'

describe('what breaks without', () => {
  let identity: Identity
  let rehearse: Rehearse
  let calendar: ExpiryCalendar
  let partner: Authority
  const used = { key: ['flow Orders, channel ERP'] }

  before(async () => {
    const made = await createBuiltInCa({ clock, name: 'Built in' })
    const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock })
    const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
    identity = await createIdentity({ store: inMemoryRegistry(), sealer, clock, ca })
    partner = await newAuthority('CN=Partner CA')
    await identity.anchors.create({ certificate: partner.certificate, name: 'Partner CA' }, 'ann')
    await identity.anchors.create(
      { certificate: (await newAuthority('CN=Idle CA')).certificate, name: 'Idle CA' },
      'ann',
    )
    await identity.users.create({ name: 'eve' }, 'ann')
    await identity.mappings.create({ user: 'eve', certificate: await issued('eve') }, 'ann')
    const instance = await identity.instances.create({ name: 'orders', plan: 'integration-flow' }, 'ann')
    const { key } = await identity.keys.create(
      instance.id,
      { name: 'renewed', type: 'certificate_external', certificate: await issued('old') },
      'ann',
    )
    await identity.certificates.addToKey(key.id, { certificate: await issued('new') }, 'ann')
    const { key: secret } = await identity.keys.create(instance.id, { name: 'secret', type: 'secret' }, 'ann')
    await identity.keys.rotate(secret.id, { overlap: 86_400_000 }, 'ann')
    const signing = async (subject: string) => ({ certificate: (await selfSigned({ subject })).chain })
    const soon = Date.now() + 86_400_000
    for (const [name, certificates, enabled] of [
      ['alone', [{ ...(await signing('CN=one')), until: soon }], true],
      ['rolling over', [await signing('CN=one'), await signing('CN=two')], true],
      ['too early', [await signing('CN=one'), { ...(await signing('CN=two')), from: soon }], true],
      ['off', [await signing('CN=one')], false],
    ] as const) {
      const issuer = `https://${name.replaceAll(' ', '-')}.example`
      await identity.identityProviders.create({ name, issuer, certificates, enabled }, 'ann')
    }
    await identity.tenantPolicy.set({ publishers: [(await selfSigned({ subject: 'CN=Publisher' })).chain] }, 'ann')
    const alias = { kind: 'key pair', id: 'erp', name: 'erp', until: 0, where: '', renewable: false } as const
    calendar = createExpiryCalendar({ sources: [identitySource(identity), () => [alias]], clock })
    rehearse = createRehearsal({
      calendar,
      identity,
      clock,
      whereUsed: async (kind, name) => (kind === 'key' && name === 'erp' ? used.key : []),
    })
  })

  const issued = async (name: string) => (await partner.issue({ subject: `CN=${name}` })).chain
  const what = async (kind: string, name: string) =>
    (await rehearse(kind, name)).breaks.map((breakage) => breakage.what).sort()

  it('a trust anchor: the certificates that lead to no other', async () => {
    const orders = 'service key renewed of the instance orders'
    assert.deepEqual(await what('trust anchor', 'Partner CA'), ['mapped to the user eve', orders, orders])
    assert.deepEqual(await what('trust anchor', 'Idle CA'), [])
  })

  it('a certificate: nothing, where another of the same holder counts', async () => {
    assert.deepEqual(await what('client certificate', 'CN=old'), [])
    assert.deepEqual(await what('client certificate', 'CN=eve'), ['mapped to the user eve'])
  })

  it('a signing certificate: the assertions of its provider, unless another one counts now', async () => {
    const signing = (await calendar.entries()).filter(({ kind }) => kind === 'signing certificate')
    assert.equal(signing.length, 6)
    const one = signing.find(({ name }) => name === 'alone') ?? assert.fail('not in the calendar')
    assert.deepEqual([one.state, one.where], ['Critical', 'identity provider alone: CN=one'])
    assert.ok(one.until <= Date.now() + 86_400_000)
    assert.match(signing.find(({ name }) => name === 'off')?.where ?? '', /switched off/)
    const breaking = new Map<string, readonly string[]>()
    for (const { id, name, where } of signing)
      breaking.set(`${name} ${where.slice(-3)}`, await what('signing certificate', id))
    assert.deepEqual(
      [...breaking].filter(([, lost]) => lost.length > 0).sort(([a], [b]) => a.localeCompare(b)),
      [
        ['alone one', ['assertions of https://alone.example']],
        ['too early one', ['assertions of https://too-early.example']],
      ],
    )
  })

  it('a publisher: the bundles that it signed', async () => {
    const [publisher] = (await calendar.entries()).filter(({ kind }) => kind === 'publisher certificate')
    assert.deepEqual([publisher?.name, publisher?.state], ['CN=Publisher', 'Critical'])
    assert.deepEqual(await what('publisher certificate', 'CN=Publisher'), ['deployments of bundles that it signed'])
  })

  it('a service key: those who call with it', async () => {
    const { breaks } = await rehearse('service key', 'secret')
    assert.match(breaks[0]?.what ?? '', /^calls with the client id /)
    assert.match(breaks[0]?.why ?? '', /service key secret of the instance orders/)
  })

  it('a key pair: the flows that name it', async () => {
    assert.deepEqual(await what('key pair', 'erp'), used.key)
  })

  it('nothing is changed by asking', async () => {
    const anchors = identity.anchors.list().length
    await rehearse('trust anchor', 'Partner CA')
    assert.equal(identity.anchors.list().length, anchors)
  })

  it('what is not there, or is not one, is refused', async () => {
    await assert.rejects(rehearse('key pair', 'none'), { code: 'expiry.itemUnknown' })
    await assert.rejects(rehearse('colour', 'erp'), { code: 'expiry.itemUnknown' })
    const twin = await newAuthority('CN=Partner CA')
    await identity.anchors.create({ certificate: twin.certificate, name: 'Partner CA' }, 'ann')
    await assert.rejects(rehearse('trust anchor', 'Partner CA'), { code: 'expiry.itemAmbiguous' })
    const { fingerprint256 } = new X509Certificate(twin.certificate)
    const id = fingerprint256.replaceAll(':', '').toLowerCase()
    assert.deepEqual((await rehearse('trust anchor', id)).breaks, [])
  })
})
