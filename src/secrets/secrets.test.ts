import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createSealer } from '../keystore/index.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { createSecrets } from './secrets.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const clock = { now: () => 5, monotonic: () => 0 }
const given = { name: 'ERP', description: 'of the ERP', user: 'tom', password: 'pässword' }
const shown = { name: 'ERP', kind: 'default', description: 'of the ERP', user: 'tom', deployedBy: 'ann', deployedAt: 5 }

describe('createSecrets', () => {
  let tenant: Awaited<ReturnType<typeof newTenantStores>>
  beforeEach(async () => {
    tenant = await newTenantStores()
  })
  afterEach(() => tenant.dispose())
  const open = () => createSecrets({ store: tenant.stores.materials, sealer, clock })

  it('lends a credential, and shows it without its password', async () => {
    const secrets = open()
    assert.deepEqual(await secrets.create(given, 'ann'), shown)
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tom', password: 'pässword' })
    assert.deepEqual(await secrets.list(), [shown])
    assert.deepEqual(await secrets.find('ERP'), shown)
    assert.doesNotMatch(JSON.stringify(await tenant.stores.materials.list()), /pässword/)
  })

  it('changes a credential, with or without a new password', async () => {
    const secrets = open()
    await secrets.create(given, 'ann')
    await secrets.update({ name: 'ERP', description: '', user: 'tim' }, 'bob')
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tim', password: 'pässword' })
    const changed = await secrets.update({ ...given, password: 'new' }, 'bob')
    assert.equal(changed.deployedBy, 'bob')
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tom', password: 'new' })
  })

  it('gives a name once', async () => {
    const secrets = open()
    await secrets.create(given, 'ann')
    await assert.rejects(secrets.create(given, 'ann'), { code: 'secrets.nameTaken' })
  })

  it('knows no credential that is not there or of another type', async () => {
    const secrets = open()
    await secrets.create(given, 'ann')
    const material = await tenant.stores.materials.find('ERP')
    assert.ok(material)
    await tenant.stores.materials.insert({ ...material, name: 'Other', type: 'SecureParameter' })
    const unknown = { code: 'secrets.credentialUnknown' }
    for (const name of ['none', 'Other', 'erp', '']) {
      await assert.rejects(secrets.userCredential(name), unknown)
      await assert.rejects(secrets.find(name), unknown)
      await assert.rejects(secrets.remove(name), unknown)
      await assert.rejects(secrets.update({ ...given, name }, 'ann'), unknown)
    }
    await secrets.remove('ERP')
    await assert.rejects(secrets.userCredential('ERP'), unknown)
    assert.equal((await tenant.stores.materials.list()).length, 1)
  })

  it('opens no password that was moved to another name', async () => {
    const secrets = open()
    await secrets.create(given, 'ann')
    const material = await tenant.stores.materials.find('ERP')
    assert.ok(material)
    await tenant.stores.materials.insert({ ...material, name: 'Mine' })
    await assert.rejects(secrets.userCredential('Mine'), { code: 'keystore.sealBroken' })
  })
})
