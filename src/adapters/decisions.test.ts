import assert from 'node:assert/strict'
import { test } from 'node:test'

import { rememberDecisions } from './decisions.ts'

test('a decision is made once for each name, whatever it is', () => {
  const asked: string[] = []
  const decide = rememberDecisions((name) => {
    asked.push(name)
    return name === 'yes'
  })
  for (const name of ['yes', 'no', 'yes', 'no', '__proto__', '__proto__'])
    assert.equal(decide(name), name === 'yes', name)
  assert.deepEqual(asked, ['yes', 'no', '__proto__'])
})

test('names that callers make up do not fill the memory, and are still decided', () => {
  let asked = 0
  const decide = rememberDecisions((name) => {
    asked += 1
    return name.endsWith('7')
  })
  for (let n = 0; n < 5_000; n++) decide(`x${n}`)
  asked = 0
  for (let n = 0; n < 5_000; n++) assert.equal(decide(`x${n}`), n % 10 === 7)
  assert.equal(asked, 4_000)
})
