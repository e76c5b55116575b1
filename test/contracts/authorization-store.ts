import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { StoredModel } from '../../src/auth/index.ts'
import { openTenantStores } from '../../src/database/index.ts'
import type { Backend } from './backends.ts'

/** What every store of the authorization server must do, also for two processes at once. */
export function authorizationContract(backend: () => Backend): void {
  async function two() {
    const { schema } = backend().place()
    return [openTenantStores(await backend().open(schema)), openTenantStores(await backend().open(schema))] as const
  }
  const code = (id: string, more: Partial<StoredModel> = {}) => ({
    kind: 'AuthorizationCode',
    id,
    grantId: 'g1',
    uid: undefined,
    sealed: 's1',
    expires: 100,
    ...more,
  })

  describe('authorization', () => {
    it('keeps models by kind and id, and finds them by their second id', async () => {
      const [{ authorizationModels: models }] = await two()
      const session = { ...code('a'), kind: 'Session', grantId: undefined, uid: 'u' }
      await models.put(code('a'))
      await models.put(session)
      assert.deepEqual(await models.find('AuthorizationCode', 'a'), { ...code('a'), consumed: undefined })
      assert.deepEqual(await models.findByUid('Session', 'u'), { ...session, consumed: undefined })
      assert.equal(await models.findByUid('AuthorizationCode', 'u'), undefined)
      assert.equal(await models.find('Session', 'b'), undefined)
      await models.put({ ...session, uid: 'v', sealed: 's2', expires: 200 })
      assert.equal(await models.findByUid('Session', 'u'), undefined)
      assert.equal((await models.findByUid('Session', 'v'))?.sealed, 's2')
      await models.remove('Session', 'a')
      assert.equal(await models.find('Session', 'a'), undefined)
      assert.ok(await models.find('AuthorizationCode', 'a'))
    })

    it('lets one of many consume a model, for good', async () => {
      const [one, other] = await two()
      await one.authorizationModels.put(code('a'))
      const tries = Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? one : other).authorizationModels.consume('AuthorizationCode', 'a', 5),
      )
      assert.equal((await Promise.all(tries)).filter(Boolean).length, 1)
      await one.authorizationModels.put(code('a', { sealed: 's2' }))
      const found = await one.authorizationModels.find('AuthorizationCode', 'a')
      assert.deepEqual([found?.consumed, found?.sealed], [5, 's2'])
      assert.equal(await one.authorizationModels.consume('AuthorizationCode', 'none', 5), false)
    })

    it('removes what belongs to a grant, and what has ended', async () => {
      const [{ authorizationModels: models }] = await two()
      for (const id of ['a', 'b']) await models.put(code(id))
      await models.put(code('c', { grantId: 'g2', expires: 300 }))
      await models.removeByGrant('g1')
      assert.equal(await models.find('AuthorizationCode', 'a'), undefined)
      assert.ok(await models.find('AuthorizationCode', 'c'))
      assert.equal(await models.expire(299), 0)
      assert.equal(await models.expire(300), 1)
    })

    it('takes an id of an issuer once, also from two at the same moment', async () => {
      const [{ spentIds: one }, { spentIds: other }] = await two()
      const tries = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? one : other).spend('i', 'id', 100.5))
      assert.equal((await Promise.all(tries)).filter(Boolean).length, 1)
      assert.equal(await other.spend('i', 'id\0é', 100), true)
      assert.equal(await other.spend('i2', 'id', 300), true)
      assert.equal(await one.expire(200), 2)
      assert.equal(await one.spend('i2', 'id', 300), false)
    })

    it('tells which tokens were revoked since', async () => {
      const [{ revokedTokens: one }, { revokedTokens: other }] = await two()
      assert.deepEqual(await one.load(0), { position: 0, tokens: [] })
      await Promise.all([one.revoke({ id: 'a', expires: 10 }), other.revoke({ id: 'b', expires: 20 })])
      const { position, tokens } = await other.load(0)
      assert.deepEqual(tokens.map(({ id }) => id).toSorted(), ['a', 'b'])
      await other.revoke({ id: 'a', expires: 10 })
      assert.deepEqual((await one.load(position)).tokens, [])
      await one.revoke({ id: 'c', expires: 30 })
      assert.deepEqual((await other.load(position)).tokens, [{ id: 'c', expires: 30 }])
      assert.equal(await one.expire(20), 2)
    })
  })
}
