import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createSealer, factsOf, leadsTo, pairOf, readCertificates } from '../keystore/index.ts'
import { loadX509 } from '../keystore/x509-library.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'
import type { CertificateTrust } from './ports.ts'
import type { ServiceInstance } from './records.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const hour = 3_600_000
const factsOfPem = (pem: string) => factsOf(readCertificates(pem)[0]!)
const fingerprintOf = (pem: string) => factsOfPem(pem).fingerprint

let authority: Authority
let store: ReturnType<typeof inMemoryRegistry>
let identity: Identity
let instance: ServiceInstance
let api: ServiceInstance

before(async () => {
  authority = await newAuthority('CN=Partner CA,O=Partner')
})
beforeEach(async () => {
  store = inMemoryRegistry()
  identity = await createIdentity({ store, sealer, clock: systemClock })
  instance = await identity.instances.create({ name: 'orders', plan: 'integration-flow' }, 'ada')
  api = await identity.instances.create({ name: 'robot', plan: 'api', roles: ['MonitoringDataRead'] }, 'ada')
})

const issue = async (subject = 'CN=sender', wish: { from?: number; until?: number; forClients?: boolean } = {}) =>
  (await authority.issue({ subject, ...wish })).chain

const newKey = (certificate: string, given: { name?: string; pinned?: boolean; in?: string } = {}) => {
  const { name = `k${randomBytes(3).toString('hex')}`, pinned = true } = given
  return identity.keys.create(
    given.in ?? instance.id,
    { name, type: 'certificate_external', certificate, pinned },
    'ada',
  )
}

/** Ways to register a certificate, and what the result is called. */
const ways: Readonly<Record<string, readonly [(certificate: string) => Promise<unknown>, RegExp]>> = {
  key: [(certificate) => newKey(certificate, { name: 'first' }), /service key 'first' of the instance 'orders'/],
  user: [(certificate) => identity.mappings.create({ certificate, user: 'Bob' }, 'ada'), /user 'Bob'/],
  channel: [
    (certificate) => identity.channelCertificates.create({ certificate, name: 'acme' }, 'ada'),
    /channel certificate 'acme'/,
  ],
  proxy: [(certificate) => identity.proxies.create({ certificate, name: 'edge' }, 'ada'), /trusted proxy 'edge'/],
}

describe('one certificate identifies one thing', () => {
  for (const [first, [register, words]] of Object.entries(ways))
    for (const [second, [again]] of Object.entries(ways)) {
      // A mapping is changed by creating it again.
      if (first === 'user' && second === 'user') continue
      it(`${second} after ${first} is refused, naming the first`, async () => {
        const certificate = await issue()
        await register(certificate)
        const code = first === 'key' && second === 'key' ? 'identity.keyNameTaken' : 'identity.certificateTaken'
        const before = store.records().length
        await assert.rejects(again(certificate), (fault: Error & { code: string }) => {
          assert.equal(fault.code, code)
          assert.match(fault.message, first === 'key' && second === 'key' ? /'first'/ : words)
          return true
        })
        assert.equal(store.records().length, before)
      })
    }

  it('frees it when its registration ends', async () => {
    const certificate = await issue()
    const { key } = await newKey(certificate)
    await identity.keys.remove(key.id, 'ada')
    const { fingerprint } = await identity.mappings.create({ certificate, user: 'Bob' }, 'ada')
    await identity.mappings.remove(fingerprint, 'ada')
    await ways['proxy']![0](certificate)
  })
})

describe('what can never identify a client is refused', () => {
  const cases: readonly (readonly [string, () => Promise<string> | string, string])[] = [
    ['garbage', () => 'hello', 'keystore.certificateUnreadable'],
    ['nothing', () => '', 'keystore.certificateUnreadable'],
    [
      'a private key',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      'identity.certificateIsPrivateKey',
    ],
    [
      'a private key with its certificate',
      async () => Object.values(await authority.issue({ subject: 'CN=x' })).join(''),
      'identity.certificateIsPrivateKey',
    ],
    ['an expired one', () => issue('CN=x', { until: Date.now() - 1000 }), 'identity.certificateExpired'],
    ['one for no client', () => issue('CN=x', { forClients: false }), 'identity.certificateNotForClients'],
    ['a root', () => authority.certificate, 'identity.certificateOfAuthority'],
    [
      'an intermediate',
      async () => (await authority.intermediate('CN=Sub')).certificate,
      'identity.certificateOfAuthority',
    ],
    [
      'two that are no chain',
      async () => (await issue('CN=a')) + (await issue('CN=b')),
      'identity.certificatesSeveral',
    ],
    ['a weak key', () => weak(), 'identity.certificateWeak'],
  ]
  for (const [name, make, code] of cases)
    it(name, async () => {
      const certificate = await make()
      await assert.rejects(newKey(certificate), { code })
      await assert.rejects(identity.mappings.create({ certificate, user: 'Bob' }, 'ada'), { code })
      assert.deepEqual(identity.certificates.list(), [])
      assert.equal(identity.users.find('Bob'), undefined)
    })

  it('a missing field', async () => {
    const missing = undefined as unknown as string
    await assert.rejects(newKey(missing), { code: 'identity.keyInvalid' })
    await assert.rejects(identity.mappings.create({ certificate: missing, user: 'Bob' }, 'ada'), {
      code: 'identity.registrationInvalid',
    })
  })

  it('by the policy of the tenant, whose minimum can rise', async () => {
    const made = await weak(2048)
    await newKey(made)
    await identity.tenantPolicy.set({ minimumRsaBits: 3072 }, 'ada')
    await assert.rejects(newKey(await weak(2048)), { code: 'identity.certificateWeak', message: /2048 bits.*3072/ })
  })

  async function weak(modulusLength = 1024): Promise<string> {
    const x509 = await loadX509()
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: Uint8Array.of(1, 0, 1) }
    const keys = await crypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
    const made = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${randomBytes(4).toString('hex')}`,
      notAfter: new Date(Date.now() + hour),
      signingAlgorithm: rsa,
      keys,
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    })
    return made.toString('pem')
  }
})

describe('what is taken', () => {
  it('one that is not valid yet, and the leaf of a chain in any order', async () => {
    await newKey(await issue('CN=early', { from: Date.now() + hour }))
    const sub = await authority.intermediate('CN=Sub')
    const { chain } = await sub.issue({ subject: 'CN=below' })
    const mixed = authority.certificate + sub.certificate + chain
    const opened = await newKey(mixed.replaceAll('\n', ''))
    assert.equal(factsOfPem(opened.certificate ?? '').subject, 'CN=below')
    assert.equal(opened.certificate?.match(/BEGIN/g)?.length, 1)
  })

  it('a mapping again: it changes the user and keeps who made it', async () => {
    const certificate = await issue()
    const first = await identity.mappings.create({ certificate, user: 'Bob', until: Date.now() + hour }, 'ada')
    const second = await identity.mappings.create({ certificate, user: 'carol' }, 'eve')
    assert.deepEqual(
      [second.holder, second.until, second.createdBy, second.modifiedBy],
      [{ kind: 'user', id: 'carol' }, undefined, 'ada', 'eve'],
    )
    assert.equal(identity.mappings.list().length, 1)
    assert.equal(identity.byCertificate(first.fingerprint)?.identified?.principal.name, 'carol')
  })

  it('another certificate in the place of one, and another window', async () => {
    const { fingerprint } = await identity.mappings.create({ certificate: await issue(), user: 'Bob' }, 'ada')
    const until = Date.now() + hour
    assert.equal((await identity.mappings.update(fingerprint, { until }, 'ada')).until, until)
    const next = await identity.mappings.update(fingerprint, { certificate: await issue('CN=next') }, 'ada')
    assert.deepEqual([next.holder.id, next.until, identity.mappings.find(fingerprint)], ['Bob', undefined, undefined])
    await assert.rejects(identity.proxies.update(next.fingerprint, { name: 'x' }, 'ada'), {
      code: 'identity.certificateUnknown',
    })
  })
})

describe('windows', () => {
  it('narrow what counts, and lie inside the validity', async () => {
    const { fingerprint, validFrom, validTo } = await identity.mappings.create(
      { certificate: await issue(), user: 'Bob' },
      'ada',
    )
    const set = (from: number | undefined, until: number | undefined) =>
      identity.certificates.setWindow(fingerprint, { from, until }, 'ada')
    for (const [from, until] of [
      [validFrom - 1, undefined],
      [undefined, validTo + 1],
      [validTo, validFrom],
      [validFrom, validFrom],
      [Number.NaN, undefined],
    ] as const)
      await assert.rejects(set(from, until), { code: 'identity.registrationInvalid' })
    await set(validFrom + 5, validTo - 5)
    const { from, until } = identity.byCertificate(fingerprint) ?? {}
    assert.deepEqual([from, until], [validFrom + 5, validTo - 5])
  })
})

describe('names with an unpinned key belong to it alone', () => {
  const certificates = () => Promise.all([issue('CN=Same, O=Acme'), issue('CN=Same, O=Acme')])
  for (const [first, second, refused] of [
    [true, true, false],
    [true, false, true],
    [false, true, true],
    [false, false, true],
  ] as const)
    it(`${first ? 'pinned' : 'unpinned'} then ${second ? 'pinned' : 'unpinned'}: ${refused ? 'refused' : 'fine'}`, async () => {
      const [one, other] = await certificates()
      await newKey(one, { name: 'first', pinned: first })
      const again = newKey(other, { pinned: second })
      if (!refused) assert.ok((await again).key)
      else
        await assert.rejects(again, {
          code: 'identity.certificatesAmbiguous',
          message: /service key 'first' of .*'orders'/,
        })
      assert.equal(identity.keys.list().length, refused ? 1 : 2)
    })

  it('is held for other holders, too', async () => {
    const [one, other] = await certificates()
    await newKey(one, { name: 'first', pinned: false })
    await assert.rejects(identity.mappings.create({ certificate: other, user: 'Bob' }, 'ada'), {
      code: 'identity.certificatesAmbiguous',
    })
  })

  it('is never so for plan api', async () => {
    await assert.rejects(newKey(await issue(), { pinned: false, in: api.id }), {
      code: 'identity.keyInvalid',
      message: /pin-certificate/,
    })
  })
})

describe('a renewed certificate', () => {
  const now = Date.now()
  const cases: readonly (readonly [string, { subject?: string; from: number; pinned?: boolean }, boolean])[] = [
    ['that is strictly newer is taken', { from: now - 1000 }, true],
    ['with the same names, written differently, is taken', { subject: 'CN=SENDER', from: now - 1000 }, true],
    ['of the same moment is not', { from: now - 2 * hour }, false],
    ['that is older is not', { from: now - 3 * hour }, false],
    ['of another name is not', { subject: 'CN=other', from: now - 1000 }, false],
    ['for a pinned key is not', { from: now - 1000, pinned: true }, false],
  ]
  for (const [name, { subject, from, pinned = false }, taken] of cases)
    it(name, async () => {
      const first = await issue('CN=sender', { from: now - 2 * hour })
      const { key } = await newKey(first, { pinned })
      const renewed = await issue(subject, { from })
      const { revision } = await store.load(0)
      assert.equal(await identity.certificates.renew(key.id, readCertificates(renewed)[0]!.raw), taken)
      assert.equal((await store.load(0)).revision, revision + (taken ? 1 : 0))
      assert.equal(identity.byCertificate(fingerprintOf(renewed))?.holder.id, taken ? key.id : undefined)
      assert.equal(identity.byCertificate(fingerprintOf(first)) === undefined, taken)
      const { subject: own, issuer } = factsOfPem(first)
      const newest = Math.floor((taken ? from : now - 2 * hour) / 1000) * 1000
      const keys = identity.unpinned(pairOf(own, issuer) ?? '')
      assert.deepEqual(keys, pinned ? [] : [{ keyId: key.id, newest }])
    })

  it('goes forward only: who comes back with an older one is refused for ever', async () => {
    const [a, b, c] = await Promise.all([3, 2, 1].map((ago) => issue('CN=sender', { from: now - ago * hour })))
    const { key } = await newKey(a!, { pinned: false })
    const renew = (pem: string) => identity.certificates.renew(key.id, Buffer.from(pem))
    assert.deepEqual([await renew(c!), await renew(b!), await renew(a!), await renew(c!)], [true, false, false, false])
  })

  it('is not taken when it cannot identify a client, the key is gone or its certificates were ended', async () => {
    const first = await issue('CN=sender', { from: now - 2 * hour })
    const { key } = await newKey(first, { pinned: false })
    const renewed = Buffer.from(await issue('CN=sender', { from: now - 1000 }))
    const unfit = await issue('CN=sender', { from: now - 1000, forClients: false })
    assert.equal(await identity.certificates.renew(key.id, Buffer.from(unfit)), false)
    assert.equal(await identity.certificates.renew(key.id, Buffer.from('garbage')), false)
    await identity.certificates.setWindow(fingerprintOf(first), { from: undefined, until: now - hour }, 'ada')
    assert.equal(await identity.certificates.renew(key.id, renewed), false)
    await identity.keys.remove(key.id, 'ada')
    assert.equal(await identity.certificates.renew(key.id, renewed), false)
  })
})

describe('trust on registration', () => {
  let anchors: Authority[]
  let code: string
  const trust: CertificateTrust = {
    validate: (leaf, sent) => {
      const roots = anchors.flatMap(({ certificate }) => readCertificates(certificate))
      const trusted = leadsTo(roots, leaf) || sent.some((each) => each.checkIssued(roots[0]!) && leaf.checkIssued(each))
      return trusted ? { trusted } : { trusted, failure: { code, reason: 'Nobody vouches for it.', remedy: '' } }
    },
  }
  beforeEach(async () => {
    anchors = []
    code = 'untrusted'
    identity = await createIdentity({ store, sealer, clock: systemClock, trust })
  })

  for (const [way, [register]] of Object.entries(ways)) {
    it(`${way}: what leads to no anchor is pinned, and the anchor goes with the registration`, async () => {
      const { chain } = await selfSigned({ subject: 'CN=alone' })
      await register(chain)
      const [anchor] = identity.anchors.list()
      assert.deepEqual(
        [anchor?.fingerprint, anchor?.kind, anchor?.origin, anchor?.name],
        [fingerprintOf(chain), 'leaf', 'registration', 'alone'],
      )
      await identity.certificates.remove(fingerprintOf(chain), 'ada')
      assert.deepEqual(identity.anchors.list(), [])
    })

    it(`${way}: or refused, where the policy forbids that`, async () => {
      await identity.tenantPolicy.set({ pinOnRegistration: false }, 'ada')
      const { chain } = await selfSigned({ subject: 'CN=alone' })
      await assert.rejects(register(chain), {
        code: 'identity.certificateUntrusted',
        message: /'CN=alone' is self-signed and not trusted here: Nobody vouches for it\./,
      })
      assert.deepEqual([identity.certificates.list(), identity.keys.list(), identity.users.list()], [[], [], []])
    })
  }

  it('of a CA, with intermediates that came along, needs no pin', async () => {
    anchors = [authority]
    await identity.tenantPolicy.set({ pinOnRegistration: false }, 'ada')
    const sub = await authority.intermediate('CN=Sub')
    const { chain } = await sub.issue({ subject: 'CN=below' })
    await assert.rejects(newKey(chain.slice(0, chain.indexOf('-----END') + 26)), {
      code: 'identity.certificateUntrusted',
    })
    await newKey(chain)
    assert.deepEqual(identity.anchors.list(), [])
  })

  it('never pins what is wrong in another way', async () => {
    for (code of ['revoked', 'weakKey', 'signatureInvalid', 'somethingNew'])
      await assert.rejects(newKey(await issue()), { code: 'identity.certificateUntrusted' })
    code = 'notYetValid'
    await newKey(await issue())
    assert.equal(identity.anchors.list().length, 1)
  })

  it('keeps an anchor that an administrator gave, and a registration whose anchor was taken away', async () => {
    const { chain } = await selfSigned({ subject: 'CN=alone' })
    await identity.anchors.create({ certificate: chain }, 'ada')
    const { key } = await newKey(chain)
    await identity.keys.remove(key.id, 'ada')
    assert.equal(identity.anchors.list().length, 1)
    const again = await newKey(chain)
    await identity.anchors.remove(fingerprintOf(chain), 'ada')
    assert.equal(identity.byCertificate(fingerprintOf(chain))?.holder.id, again.key.id)
  })

  it('ends with the instance', async () => {
    await newKey((await selfSigned({ subject: 'CN=alone' })).chain)
    await identity.instances.remove(instance.id, 'ada')
    assert.deepEqual([identity.anchors.list(), identity.certificates.list(), identity.keys.list()], [[], [], []])
  })
})
