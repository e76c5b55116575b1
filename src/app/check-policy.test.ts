import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { checkPolicy } from './check-policy.ts'

/** Where no Groovy is. */
const nowhere = import.meta.dirname

describe('a change of the policy', () => {
  it('names rules and severities that there are', async () => {
    await checkPolicy({ lintStop: ['error', 'print'] })
    await assert.rejects(checkPolicy({ lintStop: ['print', 'nosuch', 'critical!'] }), {
      code: 'lint.codesUnknown',
      message: /nosuch, critical!/,
    })
  })

  it('names a Groovy that is installed', async () => {
    await checkPolicy({ groovy: '4' }, nowhere)
    await checkPolicy({ groovy: 'auto' }, nowhere)
    await assert.rejects(checkPolicy({ groovy: '2.4' }, nowhere), { code: 'scripts.groovyMissing' })
  })

  it('of something else asks nobody', async () => checkPolicy({ lockAfter: 3 }, nowhere))
})
