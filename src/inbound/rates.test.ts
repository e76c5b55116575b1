import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createRates } from './rates.ts'

let now = 0
const clock = { now: () => now, monotonic: () => now }
const limit = (perSecond: number, burst: number, key = 'a') => ({ key, rate: { perSecond, burst } })

describe('a rate', () => {
  it('lets a burst pass, then as many as come again', () => {
    const rates = createRates(clock)
    const call = (each = limit(2, 3)) => {
      const wait = rates.waitOf(each)
      if (wait === 0) rates.count(each)
      return wait
    }
    assert.deepEqual([call(), call(), call(), call()], [0, 0, 0, 500])
    now += 250
    assert.equal(call(), 250)
    now += 250
    assert.deepEqual([call(), call()], [0, 500])
    assert.equal(call(limit(2, 3, 'b')), 0)
    now += 60_000
    assert.deepEqual([call(), call(), call(), call()], [0, 0, 0, 500])
  })

  it('of 0 is no limit, and a burst of 0 still lets single calls pass', () => {
    const rates = createRates(clock)
    for (let n = 0; n < 100; n++) {
      assert.equal(rates.waitOf(limit(0, 0)), 0)
      rates.count(limit(0, 0))
    }
    assert.equal(rates.waitOf(limit(1, 0, 'c')), 0)
    rates.count(limit(1, 0, 'c'))
    assert.equal(rates.waitOf(limit(1, 0, 'c')), 1000)
  })

  it('asking alone counts nothing', () => {
    const rates = createRates(clock)
    for (let n = 0; n < 10; n++) assert.equal(rates.waitOf(limit(1, 1, 'd')), 0)
  })
})
