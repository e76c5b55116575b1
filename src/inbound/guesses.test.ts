import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { createGuesses, type Guesses } from './guesses.ts'

let now = 1_000_000
const clock = { now: () => now, monotonic: () => now }
let guesses: Guesses
beforeEach(() => {
  guesses = createGuesses(clock)
})
const fail = (times: number, name = 'ada', address = '10.0.0.1') => {
  for (let n = 0; n < times; n++) guesses.failed(name, address)
}

describe('wrong credentials', () => {
  it('of one name at one address: the first few cost no time, then each doubles the wait, up to a minute', () => {
    const waits: number[] = []
    for (let n = 0; n < 14; n++) {
      waits.push(guesses.waitOfName('ada', '10.0.0.1'))
      fail(1)
    }
    assert.deepEqual(
      waits.map((wait) => wait / 1000),
      [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60],
    )
  })

  it('are waited for only so long', () => {
    fail(6)
    assert.equal(guesses.waitOfName('ada', '10.0.0.1'), 2000)
    now += 1500
    assert.equal(guesses.waitOfName('ada', '10.0.0.1'), 500)
    now += 500
    assert.equal(guesses.waitOfName('ada', '10.0.0.1'), 0)
  })

  it('do not hold up other names at that address, nor the name elsewhere', () => {
    fail(10)
    assert.equal(guesses.waitOfName('bob', '10.0.0.1'), 0)
    assert.equal(guesses.waitOfName('ada', '10.0.0.2'), 0)
    assert.equal(guesses.waitOfAddress('10.0.0.1'), 0)
  })

  it('of a user from many addresses hold up the user everywhere', () => {
    for (let n = 0; n < 20; n++) fail(1, 'Ada', `10.0.1.${n}`)
    assert.equal(guesses.waitOfUser('ada', '10.0.0.9') > 0, true)
    assert.equal(guesses.waitOfName('ada', '10.0.0.9'), 0)
  })

  it('of many names from one address hold up the address', () => {
    for (let n = 0; n < 50; n++) fail(1, `name${n}`)
    assert.equal(guesses.waitOfAddress('10.0.0.1') > 0, true)
    assert.equal(guesses.waitOfAddress('10.0.0.2'), 0)
  })

  it('end with a right one, and with time', () => {
    fail(10)
    guesses.succeeded('ada', '10.0.0.1')
    assert.equal(guesses.waitOfName('ada', '10.0.0.1'), 0)
    fail(10)
    now += 16 * 60_000
    fail(1)
    assert.equal(guesses.waitOfName('ada', '10.0.0.1') > 0, true)
  })
})
