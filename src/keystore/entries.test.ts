import assert from 'node:assert/strict'
import { createPublicKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { before, beforeEach, it } from 'node:test'

import { systemClock } from '../base/index.ts'
import { createBuiltInCa, type Issued, openBuiltInCa } from './built-in-ca.ts'
import { createKeystore, type Keystore } from './entries.ts'
import type { EntryStore, StoredEntry } from './ports.ts'
import { createSealer } from './seal.ts'

function inMemory(): EntryStore & { readonly rows: Map<string, StoredEntry> } {
  const rows = new Map<string, StoredEntry>()
  return {
    rows,
    find: async (alias) => rows.get(alias),
    list: async () => [...rows.values()],
    put: async (entry) => void rows.set(entry.alias, entry),
    remove: async (alias) => rows.delete(alias),
  }
}

const tenant = { owner: 'tenant', user: 'ada' } as const
const system = { owner: 'system', user: 'sluice' } as const
const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
let pair: Issued
let other: Issued
let store: ReturnType<typeof inMemory>
let keystore: Keystore

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  pair = await ca.issueClient({ commonName: 'one', days: 1, keySize: 2048 })
  other = await ca.issueServer({ hostNames: [] })
})
beforeEach(() => {
  store = inMemory()
  keystore = createKeystore({ store, sealer, clock: systemClock })
})

it('a key pair is shown without its key, and its key works when lent', async () => {
  const shown = await keystore.putKeyPair('mine', pair, tenant)
  assert.equal(shown.subject, 'CN=one,O=Sluice')
  assert.deepEqual(await keystore.list(), [shown])
  const body = pair.key.split('\n')[3] ?? ''
  assert.ok(body.length > 60)
  assert.ok(!JSON.stringify([...store.rows.values(), shown]).includes(body))

  const { key, chain } = await keystore.lend('mine')
  const signature = sign('sha256', Buffer.from('x'), key)
  assert.ok(
    verify(
      'sha256',
      Buffer.from('x'),
      createPublicKey(new X509Certificate(chain).publicKey.export({ format: 'pem', type: 'spki' })),
      signature,
    ),
  )
})

it('a sealed key moved to another alias does not open', async () => {
  await keystore.putKeyPair('mine', pair, tenant)
  const stored = store.rows.get('mine')
  assert.ok(stored)
  store.rows.set('theirs', { ...stored, alias: 'theirs' })
  await assert.rejects(keystore.lend('theirs'), { code: 'keystore.sealBroken' })
})

it('a certificate is kept as one certificate and cannot be lent', async () => {
  const shown = await keystore.putCertificate('root', pair.chain, tenant)
  assert.equal(shown.chain.match(/BEGIN/g)?.length, 1)
  await assert.rejects(keystore.lend('root'), { code: 'keystore.notKeyPair' })
  await assert.rejects(keystore.lend('none'), { code: 'keystore.aliasUnknown' })
})

it('what does not belong together is refused and nothing is stored', async () => {
  const [leaf = '', ca = ''] = pair.chain.split(/(?<=END CERTIFICATE-----\n)/)
  for (const [given, code] of [
    [{ chain: other.chain, key: pair.key }, 'keyOfAnother'],
    [{ chain: ca + leaf, key: pair.key }, 'keyOfAnother'],
    [{ chain: leaf + leaf, key: pair.key }, 'chainBroken'],
    [{ chain: leaf, key: 'no key' }, 'keyUnreadable'],
    [{ chain: '', key: pair.key }, 'certificateUnreadable'],
  ] as const)
    await assert.rejects(keystore.putKeyPair('mine', given, tenant), { code: `keystore.${code}` })
  assert.equal(store.rows.size, 0)
})

it('an alias is given once, unless it is to be replaced', async () => {
  await keystore.putCertificate('a', pair.chain, tenant)
  await assert.rejects(keystore.putCertificate('a', other.chain, tenant), { code: 'keystore.aliasTaken' })
  await keystore.putCertificate('a', other.chain, { ...tenant, replace: true })
  assert.match((await keystore.find('a'))?.subject ?? '', /localhost/)
  await keystore.remove('a', tenant)
  await assert.rejects(keystore.remove('a', tenant), { code: 'keystore.aliasUnknown' })
})

it('entries of the system are changed by the system only', async () => {
  await keystore.putKeyPair('sap_cloudintegrationcertificate', pair, system)
  for (const change of [
    () => keystore.remove('sap_cloudintegrationcertificate', tenant),
    () => keystore.putKeyPair('sap_cloudintegrationcertificate', pair, { ...tenant, replace: true }),
  ])
    await assert.rejects(change, (fault: { code: string }) => /systemOwned|aliasInvalid/.test(fault.code))
  for (const alias of ['SAP_x', 'hcicertificate1', '', ' a', 'a\nb', 'x'.repeat(251)])
    await assert.rejects(keystore.putCertificate(alias, pair.chain, tenant), { code: 'keystore.aliasInvalid' })
})
