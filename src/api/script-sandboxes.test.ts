import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'

describe('what holds scripts', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  before(async () => {
    api = await newTestApi()
  })
  after(() => api.dispose())

  it('is shown by language, with what is missing and why', async () => {
    const { Language, Version, Complete, Layers } = await api.read("GET /ScriptSandboxes('javascript')")
    assert.deepEqual([Language, Version, Complete], ['javascript', null, false])
    assert.deepEqual(JSON.parse(Layers), [{ name: 'files', on: false, why: 'not installed' }])
    assert.equal((await api.ask('GET /ScriptSandboxes')).status, 200)
    assert.equal((await api.ask("GET /ScriptSandboxes('cobol')")).status, 404)
  })

  it('is shown to who may follow deployments', async () => {
    assert.equal((await api.ask('GET /ScriptSandboxes', { roles: ['UsersRead'] })).status, 403)
  })
})
