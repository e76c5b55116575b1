import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { testRun } from '../../test/kit/step.ts'
import { systemClock as clock } from '../base/index.ts'
import type { OutboundService } from '../flow/index.ts'
import {
  createBuiltInCa,
  createKeystore,
  createSealer,
  type Issued,
  type Keystore,
  openBuiltInCa,
  systemAlias,
} from '../keystore/index.ts'
import { createSecrets, type Secrets } from '../secrets/index.ts'
import { createFlowOutbound } from './flow-outbound.ts'

const change = { owner: 'tenant', user: 'ann', replace: true } as const

describe('what flows are lent for receivers', async () => {
  const root = await createBuiltInCa({ clock, name: 'Root' })
  const ca = openBuiltInCa({ certificate: root.chain, key: root.key, clock })
  const issue = (commonName: string): Promise<Issued> => ca.issueClient({ commonName, days: 1, keySize: 2048 })
  let keystore: Keystore
  let secrets: Secrets
  let outbound: OutboundService
  const run = testRun()

  beforeEach(async () => {
    const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
    keystore = await createKeystore({ store: inMemoryRegistry(), sealer, clock })
    secrets = await createSecrets({ store: inMemoryRegistry(), sealer, clock })
    outbound = createFlowOutbound({ secrets, keystore })
  })

  it('a key pair is the same object until it is replaced, whatever else changes', async () => {
    assert.equal(await outbound.keyPair('pair', run), undefined)
    await keystore.putKeyPair('pair', await issue('one'), change)
    const first = await outbound.keyPair('pair', run)
    assert.equal(await outbound.keyPair('pair', run), first)
    await keystore.putKeyPair('other', await issue('other'), change)
    assert.equal(await outbound.keyPair('pair', run), first)
    await keystore.putKeyPair('pair', await issue('two'), change)
    const second = await outbound.keyPair('pair', run)
    assert.notEqual(second?.id, first?.id)
    await keystore.remove('pair', change)
    assert.equal(await outbound.keyPair('pair', run), undefined)
  })

  it('the key pair without a name is that of the system, and a certificate is none', async () => {
    assert.equal(await outbound.keyPair('', run), undefined)
    await keystore.putKeyPair(systemAlias, await issue(systemAlias), { owner: 'system', user: 'Sluice' })
    assert.equal((await outbound.keyPair('', run))?.alias, systemAlias)
    await keystore.putCertificate('root', root.chain, change)
    assert.equal(await outbound.keyPair('root', run), undefined)
    assert.deepEqual(await Promise.all(['root', systemAlias, 'gone'].map((alias) => outbound.typeOf('key', alias))), [
      'certificate',
      'keypair',
      undefined,
    ])
  })

  it('servers are trusted by the certificates of the keystore, not by those of key pairs', async () => {
    const none = await outbound.trustedServers()
    assert.deepEqual(none.certificates, [])
    await keystore.putKeyPair('pair', await issue('one'), change)
    assert.deepEqual((await outbound.trustedServers()).certificates, [])
    await keystore.putCertificate('root', root.chain, change)
    const one = await outbound.trustedServers()
    assert.equal(one.certificates.length, 1)
    assert.equal(await outbound.trustedServers(), one)
    assert.notEqual(one.id, none.id)
  })

  it('a credential is the same object until it changes, and of a type that has tokens', async () => {
    const type = 'OAuth2ClientCredential'
    const fields = { tokenServiceUrl: 'https://a.example/token', clientId: 'c', clientSecret: 's' }
    await secrets.materials.create({ type, name: 'Client', fields }, 'ann')
    await secrets.create({ name: 'Box', description: '', user: 'u', password: 'p' }, 'ann')
    const first = await outbound.oauthCredential('Client', run)
    assert.deepEqual([first.type, first.shown['grantType'], first.secret['clientSecret']], [type, 'url', 's'])
    assert.equal(await outbound.oauthCredential('Client', run), first)
    await secrets.materials.update({ type, name: 'Client', fields: { scope: 'x' } }, 'ann')
    assert.notEqual(await outbound.oauthCredential('Client', run), first)
    for (const name of ['Box', 'Gone'])
      await assert.rejects(outbound.oauthCredential(name, run), { code: 'secrets.materialUnknown' })
    assert.deepEqual(await Promise.all(['Client', 'Box', 'Gone'].map((name) => outbound.typeOf('credential', name))), [
      type,
      'UserCredential',
      undefined,
    ])
  })
})
