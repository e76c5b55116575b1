import assert from 'node:assert/strict'
import { it } from 'node:test'

import { createPasswords } from './passwords.ts'

/** A verification that ends when the test says so. */
function slow() {
  const ends: (() => void)[] = []
  let most = 0
  let running = 0
  return {
    ends,
    most: () => most,
    verify: (hash: string | undefined, password: string) =>
      new Promise<boolean>((resolve) => {
        most = Math.max(most, ++running)
        ends.push(() => (running--, resolve(hash === password)))
      }),
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('passwords are checked a few at a time, in order, and equal ones once', async () => {
  const { ends, most, verify } = slow()
  const passwords = createPasswords({ verify, atOnce: 2, waiting: 2 })
  const asked = ['a', 'b', 'c', 'd', 'a', 'd'].map((key) => passwords.check(key, 'right', key === 'b' ? 'right' : 'x'))
  assert.equal(asked.filter((each) => each === undefined).length, 0)
  assert.equal(passwords.check('e', 'right', 'x'), undefined)
  while (ends.length > 0) {
    ends.shift()?.()
    await turn()
  }
  assert.deepEqual(await Promise.all(asked.map(async (each) => each)), [false, true, false, false, false, false])
  assert.equal(most(), 2)
  assert.notEqual(passwords.check('e', 'right', 'x'), undefined)
  ends.shift()?.()
})

it('a check that fails makes room for the next', async () => {
  let calls = 0
  const passwords = createPasswords({
    verify: async () => {
      if (calls++ === 0) throw new Error('no memory')
      return true
    },
    atOnce: 1,
    waiting: 5,
  })
  const [one, two] = [passwords.check('a', 'x', 'x'), passwords.check('b', 'x', 'x')]
  await assert.rejects(one ?? Promise.resolve())
  assert.equal(await two, true)
  assert.equal(await passwords.check('a', 'x', 'x'), true)
})
