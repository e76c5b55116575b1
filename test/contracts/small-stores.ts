import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EntryStore, StoredEntry, TenantStore } from '../../src/keystore/index.ts'
import type { MaterialStore, StoredMaterial } from '../../src/secrets/index.ts'
import type { StoredVariable, VariableStore } from '../../src/stores/index.ts'

/** What every store of keys and certificates must do. */
export function entryContract(open: () => Promise<EntryStore>): void {
  describe('EntryStore', () => {
    it('keeps, replaces, lists and removes entries', async () => {
      const store = await open()
      const pair: StoredEntry = {
        alias: 'server',
        type: 'keypair',
        chain: 'PEM',
        sealedKey: 'SEALED',
        owner: 'system',
        modifiedBy: 'ann',
        modifiedAt: 1_763_000_000_000,
      }
      const trusted: StoredEntry = { ...pair, alias: 'Ca', type: 'certificate', sealedKey: undefined, owner: 'tenant' }
      await store.put(pair)
      await store.put(trusted)
      assert.deepEqual(await store.list(), [trusted, pair])
      await store.put({ ...pair, chain: 'PEM2', sealedKey: undefined })
      assert.deepEqual(await store.find('server'), { ...pair, chain: 'PEM2', sealedKey: undefined })
      assert.equal(await store.find('Server'), undefined)
      assert.equal(await store.remove('server'), true)
      assert.equal(await store.remove('server'), false)
      assert.deepEqual(await store.list(), [trusted])
    })
  })
}

/** What every store of tenants must do. */
export function tenantContract(open: () => Promise<TenantStore>): void {
  describe('TenantStore', () => {
    it('keeps tenants under ids that can name a schema', async () => {
      const store = await open()
      assert.equal(await store.insert({ id: 'default', sealedKey: 'S1' }), true)
      assert.equal(await store.insert({ id: 'default', sealedKey: 'S2' }), false)
      assert.deepEqual(await store.list(), [{ id: 'default', sealedKey: 'S1' }])
      for (const id of ['control', '', '../x', 'A', 'a"b', '1a', `a${'b'.repeat(40)}`]) {
        await assert.rejects(store.insert({ id, sealedKey: 'S' }), { code: 'database.tenantInvalid' }, id)
      }
    })
  })
}

/** What every store of variables must do. */
export function variableContract(open: () => Promise<VariableStore>): void {
  describe('VariableStore', () => {
    it('keeps variables by name and flow, and expires them', async () => {
      const store = await open()
      const local: StoredVariable = { name: 'last', flowId: 'F', sealed: 's1', updatedAt: 1, retainUntil: 10 }
      const global: StoredVariable = { ...local, flowId: '', sealed: 's2', retainUntil: 20 }
      await store.put(local)
      await store.put(global)
      assert.deepEqual(await store.find('last', 'F'), local)
      assert.deepEqual(await store.find('last', ''), global)
      assert.equal(await store.find('last', 'G'), undefined)
      assert.deepEqual(await store.list(), [global, local])
      await store.put({ ...local, sealed: 's3', updatedAt: 2 })
      assert.deepEqual(await store.find('last', 'F'), { ...local, sealed: 's3', updatedAt: 2 })
      assert.equal(await store.expire(9), 0)
      assert.equal(await store.expire(10), 1)
      assert.equal(await store.remove('last', ''), true)
      assert.equal(await store.remove('last', ''), false)
    })
  })
}

/** What every store of security material must do. */
export function materialContract(open: () => Promise<MaterialStore>): void {
  describe('MaterialStore', () => {
    it('keeps, changes, lists and removes material', async () => {
      const store = await open()
      const material: StoredMaterial = {
        name: 'ERP',
        type: 'UserCredential',
        kind: 'default',
        description: 'é "quoted"',
        shown: { user: 'tom' },
        sealed: 'SEALED',
        deployedBy: 'ann',
        deployedAt: 1,
      }
      assert.equal(await store.insert(material), true)
      assert.equal(await store.insert({ ...material, type: 'SecureParameter' }), false)
      const parameter: StoredMaterial = { ...material, name: 'API', type: 'SecureParameter', shown: {} }
      assert.equal(await store.insert(parameter), true)
      assert.deepEqual(await store.list(), [parameter, material])
      assert.deepEqual(await store.list('SecureParameter'), [parameter])
      assert.equal(await store.update({ ...material, sealed: 'S2' }), true)
      assert.equal(await store.update({ ...material, name: 'none' }), false)
      assert.deepEqual(await store.find('ERP'), { ...material, sealed: 'S2' })
      assert.equal(await store.remove('ERP'), true)
      assert.equal(await store.remove('ERP'), false)
      assert.equal(await store.find('ERP'), undefined)
    })
  })
}
