import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import {
  aliasesOf,
  codeOf,
  type KeystoreWorld,
  newKeystoreWorld,
  newPairs,
  system,
  tenant,
} from '../../test/kit/keystore.ts'
import { systemClock } from '../base/index.ts'
import { createBuiltInCa, type Issued, openBuiltInCa } from './built-in-ca.ts'
import { writePkcs7 } from './certificate-bundle.ts'
import { readCertificates } from './certificates.ts'
import type { Keystore } from './contracts.ts'
import { pemOf } from './create-keystore.ts'

const day = 86_400_000
const { ca, pair, other } = await newPairs()
let world: KeystoreWorld
let keystore: Keystore

beforeEach(async () => {
  world = newKeystoreWorld()
  keystore = await world.open()
})

describe('backup and restore', () => {
  it('restores the entries of the tenant as they were, and leaves those of the system alone', async () => {
    assert.equal(await codeOf(keystore.restore(tenant)), 'backupAbsent')
    await keystore.putKeyPair('sap_x', other, system)
    await keystore.putKeyPair('mine', pair, tenant)
    await keystore.putCertificate('root', ca.certificate, tenant)
    assert.equal((await keystore.backup(tenant)).length, 2)
    await keystore.remove('root', tenant)
    await keystore.putKeyPair('mine', other, { ...tenant, replace: true })
    await keystore.putCertificate('late', ca.certificate, tenant)
    world.used = { late: ['flow F'] }
    assert.equal(await codeOf(keystore.restore(tenant)), 'entryInUse')
    assert.deepEqual(
      await aliasesOf(keystore),
      ['late', 'mine', 'root'].filter((each) => each !== 'root').concat('sap_x'),
    )
    world.used = {}
    const outcomes = await keystore.restore(tenant)
    assert.deepEqual(outcomes.map(({ alias, status }) => `${alias} ${status}`).sort(), [
      'late removed',
      'mine updated',
      'root created',
    ])
    assert.deepEqual(await aliasesOf(keystore), ['mine', 'root', 'sap_x'])
    assert.equal(pemOf((await keystore.lend('mine')).key), pair.key)
    assert.deepEqual(await aliasesOf(keystore, 'backup_admin_system'), ['mine', 'root'])
  })
})

describe('signing', () => {
  const request = { commonName: 'me', country: 'DE', keyType: 'EC' }

  it('the answer of a CA to the request takes the place of the chain', async () => {
    await keystore.generate('mine', 'keypair', request, tenant)
    const answer = await ca.signRequest(await keystore.signingRequest('mine'), { days: 30 })
    const certificates = readCertificates(answer)
    const { key } = await keystore.lend('mine')
    for (const content of [
      answer,
      Buffer.from(writePkcs7(certificates)),
      writePkcs7(certificates).replaceAll(/-----[^-]+-----|\n/g, ''),
      Buffer.from(writePkcs7(certificates).replaceAll(/-----[^-]+-----|\n/g, ''), 'base64'),
      Buffer.concat(certificates.map(({ raw }) => raw)),
      pkiPath(certificates.map(({ raw }) => raw).reverse()),
    ]) {
      const shown = await keystore.signingResponse('mine', content, tenant)
      assert.equal(shown.chain, answer)
    }
    assert.equal(pemOf((await keystore.lend('mine')).key), pemOf(key))
    assert.equal((await keystore.find('mine'))?.type, 'keypair')
  })

  it('issuers alone extend the chain', async () => {
    const [leaf = ''] = pair.chain.split(/(?<=END CERTIFICATE-----\n)/)
    await keystore.putKeyPair('mine', { chain: leaf, key: pair.key }, tenant)
    const shown = await keystore.signingResponse('mine', ca.certificate, tenant)
    assert.equal(shown.chain, pair.chain)
  })

  it('an answer to another request, or one that ended, changes nothing', async () => {
    await keystore.generate('mine', 'keypair', request, tenant)
    const answer = await ca.signRequest(await keystore.signingRequest('mine'), { days: 1 })
    const before = world.stored()
    const asked = { ...tenant, fingerprintVerified: false }
    for (const [content, code, change] of [
      [pair.chain, 'responseMismatch', tenant],
      [ca.certificate, 'responseMismatch', tenant],
      [Buffer.from([]), 'fileUnreadable', tenant],
      ['nonsense', 'fileUnreadable', tenant],
      [pair.key, 'fileUnreadable', tenant],
      [randomBytes(1000), 'fileUnreadable', tenant],
      [Buffer.concat([Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), randomBytes(100)]), 'fileUnreadable', tenant],
      [Buffer.alloc(31_000), 'fileTooLarge', tenant],
      [answer, 'notTrusted', asked],
    ] as const)
      assert.equal(await codeOf(keystore.signingResponse('mine', content, change)), code)
    world.now += 3 * day
    assert.equal(await codeOf(keystore.signingResponse('mine', answer, tenant)), 'expired')
    assert.equal(world.stored(), before)
    await keystore.putCertificate('root', ca.certificate, tenant)
    assert.equal(await codeOf(keystore.signingRequest('root')), 'notKeyPair')
  })
})

describe('the key that the system provides', () => {
  const alias = 'sap_cloudintegrationcertificate'
  const serial = async (name?: 'KeyRenewal' | 'system') => (await keystore.find(alias, name))?.serialNumber
  const authority = () => openBuiltInCa({ certificate: root.chain, key: root.key, clock: world.clock })
  let root: Issued
  before(async () => {
    root = await createBuiltInCa({ clock: systemClock, name: 'Long CA' })
  })
  const maintain = () => keystore.maintain(authority())

  it('is made once, followed 60 days before its end, and replaced in its last day', async () => {
    assert.equal(await maintain(), true)
    assert.equal(await maintain(), false)
    const first = await serial()
    world.now += 300 * day
    assert.equal(await maintain(), false)
    world.now += 6 * day
    assert.equal(await maintain(), true)
    const second = await serial('KeyRenewal')
    assert.equal(await serial(), first)
    assert.notEqual(second, first)
    world.now += 57 * day
    assert.equal(await maintain(), false)
    world.now += 1.5 * day
    assert.equal(await maintain(), true)
    assert.equal(await serial(), second)
    assert.deepEqual(await aliasesOf(keystore, 'KeyRenewal'), [])
    assert.deepEqual(await aliasesOf(keystore, 'KeyHistory'), [`${alias}_1`])
    assert.equal((await keystore.find(`${alias}_1`, 'KeyHistory'))?.serialNumber, first)
    await keystore.lend(alias)
  })

  it('is activated by the administrator before that, and comes back from the history', async () => {
    await maintain()
    const first = await serial()
    world.now += 310 * day
    await maintain()
    await keystore.activate(alias, 'ada')
    assert.notEqual(await serial(), first)
    assert.equal(await codeOf(keystore.activate(alias, 'ada')), 'aliasUnknown')
    assert.equal(await codeOf(keystore.takeFromHistory('none', undefined, 'ada')), 'aliasUnknown')
    assert.equal(await codeOf(keystore.takeFromHistory(`${alias}_1`, 'mine', 'ada')), 'historyTarget')
    await keystore.takeFromHistory(`${alias}_1`, undefined, 'ada')
    assert.equal(await serial('KeyRenewal'), first)
    await keystore.activate(alias, 'ada')
    assert.equal(await serial(), first)
    await keystore.lend(alias)
    assert.deepEqual(await aliasesOf(keystore, 'KeyHistory'), [`${alias}_1`, `${alias}_2`])
  })
})

function pkiPath(certificates: readonly Buffer[]): Buffer {
  const content = Buffer.concat(certificates)
  return Buffer.concat([Uint8Array.of(0x30, 0x82, content.length >> 8, content.length & 0xff), content])
}
