import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createTestGate } from './test-gate.ts'

describe('the gate of tests', () => {
  const gate = (perMinute: number, concurrent: number) => {
    let now = 0
    const clock = { now: () => now, monotonic: () => now }
    return { ...createTestGate({ clock, perMinute, concurrent }), pass: (millis: number) => (now += millis) }
  }

  it('lets so many a minute in for each person, and says when the next may come', () => {
    const { enter, pass } = gate(2, 10)
    enter('anna')()
    pass(10_000)
    enter('anna')()
    assert.throws(() => enter('anna'), { code: 'connectivity.tooManyTests', remedy: 'Try again in 50 seconds.' })
    enter('bert')()
    pass(50_000)
    enter('anna')()
    assert.throws(() => enter('anna'), { code: 'connectivity.tooManyTests' })
  })

  it('lets so many in at once; leaving twice counts once', () => {
    const { enter } = gate(100, 2)
    const leave = enter('anna')
    enter('bert')
    assert.throws(() => enter('carl'), { code: 'connectivity.tooManyAtOnce' })
    leave()
    leave()
    enter('carl')
    assert.throws(() => enter('dora'), { code: 'connectivity.tooManyAtOnce' })
  })
})
