import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import {
  aliasesOf,
  codeOf,
  type KeystoreWorld,
  newKeystoreWorld,
  newPairs,
  sealer,
  system,
  tenant,
} from '../../test/kit/keystore.ts'
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

describe('entries', () => {
  it('a key pair is shown without its key, and its key works when lent', async () => {
    const shown = await keystore.putKeyPair('mine', pair, tenant)
    assert.equal(shown.subject, 'CN=one,O=Sluice')
    assert.deepEqual(await keystore.list(), [shown])
    const body = pair.key.split('\n')[3] ?? ''
    assert.ok(body.length > 60)
    assert.ok(!JSON.stringify([world.stored(), shown]).includes(body))
    const { key, chain } = await keystore.lend('mine')
    const signature = sign('sha256', Buffer.from('x'), key)
    const open = new X509Certificate(chain).publicKey
    assert.ok(
      verify('sha256', Buffer.from('x'), createPublicKey(open.export({ format: 'pem', type: 'spki' })), signature),
    )
    assert.equal((await keystore.lend('mine')).key, key)
  })

  it('a sealed key moved to another alias does not open', async () => {
    await keystore.putKeyPair('mine', pair, tenant)
    const [record] = world.store.records()
    assert.ok(record?.document)
    const moved = JSON.stringify({ ...(JSON.parse(record.document) as object), alias: 'theirs' })
    await world.store.write(1, [{ kind: 'entry', id: 'theirs', document: moved }])
    await keystore.reload()
    assert.equal(await codeOf(keystore.lend('theirs')), 'sealBroken')
  })

  it('one of the first release opens under the context that it names, and follows a rename', async () => {
    const sealedKey = sealer.seal(
      createPrivateKey(pair.key).export({ format: 'der', type: 'pkcs8' }),
      'keystore keypair old one',
    )
    const document = {
      alias: 'old one',
      type: 'keypair',
      chain: pair.chain,
      sealedKey,
      sealContext: 'keystore keypair old one',
      owner: 'tenant',
      createdBy: 'x',
      createdAt: 1,
      modifiedBy: 'x',
      modifiedAt: 1,
    }
    await world.store.write(0, [{ kind: 'entry', id: 'old one', document: JSON.stringify(document) }])
    await keystore.reload()
    assert.equal(pemOf((await keystore.lend('old one')).key), pair.key)
    await keystore.rename('old one', 'new one', tenant)
    assert.equal(pemOf((await keystore.lend('new one')).key), pair.key)
    assert.ok(!world.stored().includes('sealContext'))
  })

  it('another process sees a change, and a changed key is lent anew', async () => {
    const second = await world.open()
    await keystore.putKeyPair('mine', pair, tenant)
    await second.reload()
    assert.equal(pemOf((await second.lend('mine')).key), pair.key)
    await keystore.putKeyPair('mine', other, { ...tenant, replace: true })
    await second.reload()
    assert.equal(pemOf((await second.lend('mine')).key), other.key)
  })

  it('a certificate is kept as one certificate and cannot be lent', async () => {
    const shown = await keystore.putCertificate('root', pair.chain, tenant)
    assert.equal(shown.chain.match(/BEGIN/g)?.length, 1)
    assert.equal(await codeOf(keystore.lend('root')), 'notKeyPair')
    assert.equal(await codeOf(keystore.lend('none')), 'aliasUnknown')
  })

  it('what does not belong together is refused and nothing is stored', async () => {
    const [leaf = '', above = ''] = pair.chain.split(/(?<=END CERTIFICATE-----\n)/)
    for (const [given, code] of [
      [{ chain: other.chain, key: pair.key }, 'keyOfAnother'],
      [{ chain: above + leaf, key: pair.key }, 'keyOfAnother'],
      [{ chain: leaf + leaf, key: pair.key }, 'chainBroken'],
      [{ chain: leaf, key: 'no key' }, 'keyUnreadable'],
      [{ chain: '', key: pair.key }, 'certificateUnreadable'],
    ] as const)
      assert.equal(await codeOf(keystore.putKeyPair('mine', given, tenant)), code)
    assert.equal(world.store.records().length, 0)
  })

  it('an alias is given once, unless it is to be replaced, and never by something of another kind', async () => {
    await keystore.putCertificate('a', pair.chain, tenant)
    assert.equal(await codeOf(keystore.putCertificate('a', other.chain, tenant)), 'aliasTaken')
    assert.equal(await codeOf(keystore.putCertificate('a', pair.chain, tenant)), 'aliasTaken')
    await keystore.putCertificate('a', other.chain, { ...tenant, replace: true })
    assert.match((await keystore.find('a'))?.subject ?? '', /localhost/)
    await keystore.putKeyPair('k', pair, tenant)
    assert.equal(await codeOf(keystore.putCertificate('k', other.chain, { ...tenant, replace: true })), 'typeDiffers')
    assert.equal(pemOf((await keystore.lend('k')).key), pair.key)
    await keystore.remove('a', tenant)
    assert.equal(await codeOf(keystore.remove('a', tenant)), 'aliasUnknown')
  })

  it('aliases with odd characters are kept exactly; those that mislead are refused', async () => {
    const odd = [
      "it's",
      'a/b',
      'Ä ö',
      '日本',
      '🔑',
      '100%',
      'a;b\\c',
      '"quoted"',
      '__proto__',
      'constructor',
      'x'.repeat(250),
    ]
    for (const alias of odd) {
      await keystore.putKeyPair(alias, pair, tenant)
      assert.equal(pemOf((await keystore.lend(alias)).key), pair.key, alias)
    }
    assert.deepEqual((await aliasesOf(keystore)).sort(), [...odd].sort())
    const before = world.stored()
    const wrong = ['', ' a', 'a\nb', 'x'.repeat(251), '\ud800', 'a\u202eb', 'a\0b', 'SAP_x', 'sap_x', 'sluice_ca']
    for (const alias of [...wrong, 'hcicertificate1', 'hcimsgcertificate', 'true', 'FALSE'])
      assert.equal(await codeOf(keystore.putCertificate(alias, pair.chain, tenant)), 'aliasInvalid', alias)
    assert.equal(world.stored(), before)
  })

  it('entries of the system are changed by the system only', async () => {
    const alias = 'sap_cloudintegrationcertificate'
    await keystore.putKeyPair(alias, pair, system)
    await keystore.putKeyPair(alias, pair, { ...system, user: 'another', replace: true })
    assert.equal((await keystore.find(alias))?.modifiedBy, 'another')
    const before = world.stored()
    for (const change of [
      () => keystore.remove(alias, tenant),
      () => keystore.rename(alias, 'mine', tenant),
      () => keystore.copy(alias, 'mine', tenant),
      () => keystore.signingRequest(alias),
      () => keystore.signingResponse(alias, pair.chain, tenant),
      () => keystore.putKeyPair(alias, pair, { ...tenant, replace: true }),
    ])
      assert.match(await codeOf(change()), /systemOwned|aliasInvalid|requestNotOffered/)
    assert.equal(world.stored(), before)
  })

  it('what a flow uses is neither deleted nor renamed, and the answer names who uses it', async () => {
    await keystore.putKeyPair('mine', pair, tenant)
    world.used = { mine: ['flow Orders, channel HTTP'] }
    await assert.rejects(keystore.remove('mine', tenant), /flow Orders, channel HTTP/)
    assert.equal(await codeOf(keystore.rename('mine', 'yours', tenant)), 'entryInUse')
    assert.deepEqual(await aliasesOf(keystore), ['mine'])
    world.used = {}
    const [done, unknown] = await keystore.removeMany(['mine', 'none', 'mine'], tenant)
    assert.deepEqual([done?.status, unknown?.status], ['removed', 'notRemoved'])
    assert.match(unknown?.reason ?? '', /none/)
  })

  it('rename and copy keep what the entry is', async () => {
    await keystore.putKeyPair('mine', pair, tenant)
    await keystore.copy('mine', 'copy', tenant)
    await keystore.rename('mine', 'yours', { ...tenant, user: 'bob' })
    assert.deepEqual(await aliasesOf(keystore), ['copy', 'yours'])
    for (const alias of ['copy', 'yours']) assert.equal(pemOf((await keystore.lend(alias)).key), pair.key)
    for (const [to, code] of [
      ['copy', 'aliasTaken'],
      ['sapling', 'aliasInvalid'],
      ['', 'aliasInvalid'],
    ] as const)
      assert.equal(await codeOf(keystore.rename('yours', to, tenant)), code)
    const { createdBy, modifiedBy } = (await keystore.find('yours')) ?? {}
    assert.deepEqual([createdBy, modifiedBy], ['ada', 'bob'])
  })

  it('what nobody in the keystore vouches for is taken only with its fingerprint verified', async () => {
    const asked = { ...tenant, fingerprintVerified: false }
    assert.equal(await codeOf(keystore.putCertificate('ca', ca.certificate, asked)), 'notTrusted')
    assert.equal(await codeOf(keystore.putKeyPair('mine', pair, asked)), 'notTrusted')
    await keystore.putCertificate('ca', ca.certificate, { ...asked, fingerprintVerified: true })
    await keystore.putKeyPair('mine', pair, asked)
  })

  it('what has expired is taken only when that is wanted', async () => {
    world.now += 3 * day
    assert.equal(await codeOf(keystore.putKeyPair('mine', pair, tenant)), 'expired')
    await keystore.putKeyPair('mine', pair, { ...tenant, acceptExpired: true })
  })

  it('holds as many bytes as it may and no more', async () => {
    keystore = await world.open({ limits: { keystore: 9_000 } })
    await keystore.putKeyPair('a', pair, tenant)
    assert.ok(keystore.size() > 3_000)
    await keystore.putKeyPair('b', pair, tenant)
    assert.equal(await codeOf(keystore.putKeyPair('c', pair, tenant)), 'keystoreFull')
    assert.deepEqual(await aliasesOf(keystore), ['a', 'b'])
  })

  it('every change is world.audited with who made it', async () => {
    await keystore.putKeyPair('mine', pair, tenant)
    await keystore.rename('mine', 'yours', tenant)
    await keystore.backup(tenant)
    await keystore.remove('yours', tenant)
    assert.deepEqual(
      world.audited.map(({ action, objectType, objectId, user }) => [action, objectType, objectId, user]),
      [
        ['Create', 'X.509 Key-Pair', 'mine', 'ada'],
        ['Delete', 'X.509 Key-Pair', 'mine', 'ada'],
        ['Create', 'X.509 Key-Pair', 'yours', 'ada'],
        ['Create', 'Keystore', 'backup_admin_system', 'ada'],
        ['Delete', 'X.509 Key-Pair', 'yours', 'ada'],
      ],
    )
  })

  it('a private key leaves only where the setting allows it, never one of the system, and it is world.audited', async () => {
    await keystore.putKeyPair('mine', pair, tenant)
    assert.equal(await codeOf(keystore.exportPrivateKey('mine', 'long enough', 'ada')), 'exportForbidden')
    keystore = await world.open({ exportPrivateKeys: true })
    await keystore.putKeyPair('sap_x', other, system)
    assert.equal(await codeOf(keystore.exportPrivateKey('sap_x', 'long enough', 'ada')), 'exportForbidden')
    const file = await keystore.exportPrivateKey('mine', 'long enough', 'ada')
    assert.deepEqual(world.audited.at(-1)?.action, 'Read')
    await keystore.importKey('again', { content: file, password: 'long enough', type: 'keypair' }, tenant)
    assert.equal(pemOf((await keystore.lend('again')).key), pair.key)
  })

  it('lends a cached key in less than 20 microseconds', async () => {
    await keystore.putKeyPair('mine', pair, tenant)
    const rounds = 2_000
    let best = Infinity
    for (let turn = 0; turn < 10; turn++) {
      const began = performance.now()
      for (let round = 0; round < rounds; round++) await keystore.lend('mine')
      best = Math.min(best, ((performance.now() - began) * 1000) / rounds)
    }
    assert.ok(best < 20, `${best} µs`)
  })
})
