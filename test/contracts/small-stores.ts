import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TenantStore } from '../../src/keystore/index.ts'
import type { StoredVariable, VariableStore } from '../../src/stores/index.ts'

/** What every store of tenants must do. */
export function tenantContract(open: () => Promise<TenantStore>): void {
  describe('TenantStore', () => {
    it('keeps tenants under ids that can name a schema', async () => {
      const store = await open()
      assert.equal(await store.insert({ id: 'default', sealedKey: 'S1' }), true)
      assert.equal(await store.insert({ id: 'default', sealedKey: 'S2' }), false)
      assert.deepEqual(await store.list(), [{ id: 'default', sealedKey: 'S1' }])
      assert.equal(await store.insert({ id: 'other', sealedKey: 'O1' }), true)
      const change = (id: string, expected: string, next: string) => ({ id, expected, next })
      assert.equal(await store.update([change('default', 'S1', 'S2'), change('other', 'wrong', 'O2')]), false)
      assert.equal(await store.update([change('default', 'S1', 'S2'), change('none', '', '')]), false)
      assert.deepEqual(await store.list(), [
        { id: 'default', sealedKey: 'S1' },
        { id: 'other', sealedKey: 'O1' },
      ])
      assert.equal(await store.update([change('default', 'S1', 'S2'), change('other', 'O1', 'O2')]), true)
      assert.deepEqual(await store.list(), [
        { id: 'default', sealedKey: 'S2' },
        { id: 'other', sealedKey: 'O2' },
      ])
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
