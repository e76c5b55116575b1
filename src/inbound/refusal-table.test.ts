import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { refusalTable } from './refusal-table.ts'

describe('the list of refusals', () => {
  it('has each code once, with a sentence why and one what to do', () => {
    const codes = refusalTable.map(({ code }) => code)
    assert.equal(new Set(codes).size, codes.length)
    for (const { code, reason, remedy, status } of refusalTable) {
      assert.match(reason, /^\S.{15,}\.$/, code)
      assert.match(remedy, /^[A-Z].{10,}\.$/, code)
      assert.doesNotMatch(reason + remedy, /undefined|NaN|\[object/, code)
      assert.ok(status === 0 || (status >= 400 && status < 600), code)
    }
  })

  it('shows details as what they are, and what path validation says besides', () => {
    const reasonOf = (wanted: string) => refusalTable.find(({ code }) => code === wanted)?.reason ?? ''
    assert.match(reasonOf('role.missing'), /'‹role›'/)
    assert.match(reasonOf('certificate.expired'), /‹subject›/)
    assert.match(reasonOf('limit.connections'), /‹most›/)
  })
})
