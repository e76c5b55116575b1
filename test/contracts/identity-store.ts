import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { IdentityStore, RegisteredCertificate, ServiceInstance, ServiceKey } from '../../src/identity/index.ts'

const instance = (id: string, given: Partial<ServiceInstance> = {}): ServiceInstance => ({
  id,
  name: `instance ${id}`,
  plan: 'integration-flow',
  roles: ['ESBMessaging.send'],
  grantTypes: ['client_credentials'],
  redirectUris: [],
  tokenValidity: 3600,
  createdBy: 'ann',
  createdAt: 1,
  ...given,
})

const key = (id: string, given: Partial<ServiceKey> = {}): ServiceKey => ({
  id,
  instanceId: 'i1',
  name: `key ${id}`,
  type: 'certificate',
  clientId: `client-${id}`,
  secretHash: undefined,
  sealedSecret: 'SEALED',
  createdBy: 'ann',
  createdAt: 1,
  ...given,
})

const certificate = (fingerprint: string, keyId: string): RegisteredCertificate => ({
  fingerprint,
  keyId,
  pem: 'PEM',
  subject: 'CN=a',
  issuer: 'CN=b',
  serialNumber: '0a',
  validFrom: 1,
  validTo: 1_900_000_000_000,
  registeredAt: 2,
})

/** What every store of identities must do. */
export function identityContract(open: () => Promise<IdentityStore>): void {
  describe('IdentityStore', () => {
    it('loads what was inserted', async () => {
      const store = await open()
      const full = instance('i1', { roles: ['a', 'b"c'], redirectUris: ['https://x'] })
      assert.equal(await store.insertInstance(full), true)
      const withSecret = key('k1', { type: 'secret', secretHash: 'ff', sealedSecret: undefined })
      assert.deepEqual(await store.insertKey(withSecret, undefined), { inserted: true })
      assert.deepEqual(await store.insertKey(key('k2'), certificate('f1', 'k2')), { inserted: true })
      assert.deepEqual(await store.load(), {
        instances: [full],
        keys: [withSecret, key('k2')],
        certificates: [certificate('f1', 'k2')],
      })
    })

    it('an instance has an id and a name of its own', async () => {
      const store = await open()
      await store.insertInstance(instance('i1'))
      assert.equal(await store.insertInstance(instance('i1', { name: 'other' })), false)
      assert.equal(await store.insertInstance(instance('i2', { name: 'instance i1' })), false)
      assert.equal(await store.insertInstance(instance('i2')), true)
      assert.equal(await store.updateInstance(instance('i2', { name: 'instance i1' })), false)
      assert.equal(await store.updateInstance(instance('i2', { roles: [] })), true)
      assert.equal(await store.updateInstance(instance('i3')), false)
      assert.deepEqual((await store.load()).instances, [instance('i1'), instance('i2', { roles: [] })])
    })

    it('a certificate identifies one key; the second is refused whole, naming the first', async () => {
      const store = await open()
      await store.insertInstance(instance('i1'))
      await store.insertInstance(instance('i2'))
      await store.insertKey(key('k1'), certificate('f1', 'k1'))
      const other = key('k2', { instanceId: 'i2' })
      assert.deepEqual(await store.insertKey(other, certificate('f1', 'k2')), { taken: 'certificate', by: 'k1' })
      const sameName = key('k3', { name: 'key k1' })
      assert.deepEqual(await store.insertKey(sameName, certificate('f3', 'k3')), { taken: 'name', by: 'k1' })
      const { keys, certificates } = await store.load()
      assert.deepEqual([keys, certificates], [[key('k1')], [certificate('f1', 'k1')]])
    })

    it('of two that register a certificate at the same time one is told of the other', async () => {
      const store = await open()
      await store.insertInstance(instance('i1'))
      const tries = await Promise.all(['k1', 'k2', 'k3'].map((id) => store.insertKey(key(id), certificate('f1', id))))
      assert.equal(tries.filter((result) => 'inserted' in result).length, 1)
      assert.equal((await store.load()).keys.length, 1)
    })

    it('deletes keys with certificates, and instances with both', async () => {
      const store = await open()
      await store.insertInstance(instance('i1'))
      await store.insertKey(key('k1'), certificate('f1', 'k1'))
      await store.insertKey(key('k2'), certificate('f2', 'k2'))
      assert.equal(await store.deleteKey('k1'), true)
      assert.equal(await store.deleteKey('k1'), false)
      assert.deepEqual((await store.load()).certificates, [certificate('f2', 'k2')])
      assert.equal(await store.deleteInstance('i1'), true)
      assert.equal(await store.deleteInstance('i1'), false)
      assert.deepEqual(await store.load(), { instances: [], keys: [], certificates: [] })
    })

    it('refuses a key of an instance that is gone', async () => {
      const store = await open()
      await assert.rejects(store.insertKey(key('k1'), undefined), { code: 'database.referenceMissing' })
    })
  })
}
