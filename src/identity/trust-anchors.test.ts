import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createBuiltInCa, createSealer } from '../keystore/index.ts'
import { loadX509 } from '../keystore/x509-library.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const day = 86_400_000
let store: ReturnType<typeof inMemoryRegistry>
let identity: Identity
let authority: Authority

before(async () => {
  authority = await newAuthority('O=Partner,CN=Partner CA')
})
beforeEach(async () => {
  store = inMemoryRegistry()
  identity = await createIdentity({ store, sealer, clock: systemClock })
})

describe('trust anchors', () => {
  it('are CAs, or certificates that are trusted as they are', async () => {
    const ca = await identity.anchors.create({ certificate: authority.certificate }, 'ada')
    const { chain } = await selfSigned({ subject: 'CN=alone' })
    const leaf = await identity.anchors.create({ certificate: chain, name: 'Test sender' }, 'ada')
    assert.deepEqual(
      [ca.kind, ca.name, ca.origin, leaf.kind, leaf.name],
      ['ca', 'Partner CA', 'administrator', 'leaf', 'Test sender'],
    )
    assert.equal(
      (await identity.anchors.update(ca.fingerprint.toUpperCase(), { name: 'Partner' }, 'eve')).name,
      'Partner',
    )
    await assert.rejects(identity.anchors.create({ certificate: authority.certificate }, 'ada'), {
      code: 'identity.anchorTaken',
      message: /'Partner'/,
    })
    await identity.anchors.remove(ca.fingerprint, 'ada')
    assert.deepEqual(identity.anchors.list(), [leaf])
    await assert.rejects(identity.anchors.remove(ca.fingerprint, 'ada'), { code: 'identity.anchorUnknown' })
  })

  const bad: readonly (readonly [string, () => Promise<string> | string, string])[] = [
    ['garbage', () => 'x', 'keystore.certificateUnreadable'],
    [
      'a private key',
      () => '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      'identity.certificateIsPrivateKey',
    ],
    [
      'two at once',
      async () => authority.certificate + (await selfSigned({ subject: 'CN=a' })).chain,
      'identity.anchorInvalid',
    ],
    [
      'an expired one',
      async () => (await selfSigned({ subject: 'CN=a', from: 0, until: Date.now() - day })).chain,
      'identity.anchorInvalid',
    ],
  ]
  for (const [name, make, code] of bad)
    it(`${name} is refused`, async () => {
      const certificate = await make()
      await assert.rejects(identity.anchors.create({ certificate }, 'ada'), { code })
    })

  it('begin with the built-in CA, once: who removes it has removed it', async () => {
    const { chain } = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
    await identity.ensureBuiltInAnchor(chain)
    const [anchor] = identity.anchors.list()
    assert.equal(anchor?.origin, 'built-in')
    const { revision } = identity
    await identity.ensureBuiltInAnchor(chain)
    assert.equal(identity.revision, revision)
    await identity.anchors.remove(anchor?.fingerprint ?? '', 'ada')
    await identity.tenantPolicy.set({ lockAfter: 3 }, 'ada')
    const again = await createIdentity({ store, sealer, clock: systemClock })
    await again.ensureBuiltInAnchor(chain)
    assert.deepEqual(again.anchors.list(), [])
    assert.equal(again.policy().lockAfter, 3)
    await again.ensureBuiltInAnchor((await createBuiltInCa({ clock: systemClock, name: 'Next CA' })).chain)
    assert.equal(again.anchors.list().length, 1)
  })
})

describe('revocation lists', () => {
  let keys: CryptoKeyPair
  const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  before(async () => {
    keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  })

  /** `daysAgo` is when the list was issued. */
  async function listOf(issuer: string, daysAgo: number, extensions: readonly (readonly [string, string])[] = []) {
    const x509 = await loadX509()
    const list = await x509.X509CrlGenerator.create({
      issuer,
      thisUpdate: new Date(Date.now() - daysAgo * day),
      nextUpdate: new Date(Date.now() + day),
      entries: [{ serialNumber: '0a', revocationDate: new Date() }],
      extensions: extensions.map(([oid, hex]) => new x509.Extension(oid, true, Buffer.from(hex, 'hex'))),
      signingAlgorithm: ecdsa,
      signingKey: keys.privateKey,
    })
    return { pem: list.toString('pem'), der: Buffer.from(list.rawData) }
  }
  const give = (list: string | Uint8Array) => identity.revocationLists.create({ list }, 'ada')

  it('are read from PEM and DER, with issuer and times', async () => {
    const { pem, der } = await listOf('O=Acme\\, Inc,CN=Partner CA', 2)
    const read = await give(pem)
    assert.equal(read.issuer, 'CN=Partner CA,O=Acme\\, Inc')
    assert.ok(Math.abs(read.thisUpdate - (Date.now() - 2 * day)) < 60_000)
    assert.ok(read.nextUpdate !== undefined && read.nextUpdate > Date.now())
    assert.equal(read.der, der.toString('base64'))
    assert.deepEqual(await give(der), read)
    assert.deepEqual(await give(der.toString('base64')), read)
    assert.deepEqual(identity.revocationLists.list(), [read])
    await identity.revocationLists.remove(read.fingerprint, 'ada')
    await assert.rejects(identity.revocationLists.remove(read.fingerprint, 'ada'), {
      code: 'identity.revocationListUnknown',
    })
  })

  it('that path validation could not use are not kept', async () => {
    const trust = {
      validate: () => ({ trusted: true as const }),
      checkCrl: () => {
        throw new Error('not this one')
      },
    }
    const strict = await createIdentity({ store, sealer, clock: systemClock, trust })
    await assert.rejects(strict.revocationLists.create({ list: (await listOf('CN=Any CA', 1)).pem }, 'ada'), {
      message: 'not this one',
    })
    assert.deepEqual(strict.revocationLists.list(), [])
  })

  it('of the same issuer are replaced by newer ones alone', async () => {
    await give((await listOf('CN=Partner CA', 2)).pem)
    await give((await listOf('CN=Other CA', 2)).pem)
    const newer = await give((await listOf('CN=PARTNER  CA', 1)).pem)
    await assert.rejects(
      listOf('CN=Partner CA', 2).then(({ pem }) => give(pem)),
      { code: 'identity.revocationListOlder' },
    )
    assert.equal(identity.revocationLists.list().length, 2)
    assert.ok(identity.revocationLists.find(newer.fingerprint))
  })

  it('of another part of the certificates of an issuer are kept beside each other', async () => {
    const part = (value: string) => [['2.5.29.28', value]] as const
    await give((await listOf('CN=Partner CA', 2, part('30038101ff'))).pem)
    await give((await listOf('CN=Partner CA', 1, part('30038201ff'))).pem)
    await give((await listOf('CN=Partner CA', 1, part('30038101ff'))).pem)
    assert.equal(identity.revocationLists.list().length, 2)
  })

  const bad: readonly (readonly [string, () => Promise<string | Uint8Array> | string])[] = [
    ['nothing', () => ''],
    ['text', () => 'hello world'],
    ['a certificate', () => authority.certificate],
    ['half a list', async () => (await listOf('CN=a', 1)).der.subarray(0, 100)],
    ['a list with more behind it', async () => Buffer.concat([(await listOf('CN=a', 1)).der, Buffer.from([0])])],
    ['two lists', async () => (await listOf('CN=a', 1)).pem.repeat(2)],
    ['a delta list', async () => (await listOf('CN=a', 1, [['2.5.29.27', '020101']])).pem],
    ['a sequence of something else', () => Buffer.from('3003020101', 'hex').toString('base64')],
  ]
  for (const [name, make] of bad)
    it(`${name} is refused`, async () => {
      const list = await make()
      await assert.rejects(give(list), { code: 'identity.revocationListInvalid' })
    })
})
