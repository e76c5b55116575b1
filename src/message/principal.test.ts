import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange, Headers, isPrincipal, plainText } from './index.ts'

const principal = Object.freeze({ method: 'basic', name: 'me', subject: 'me', attributes: { mail: 'm' }, groups: [] })

test('nothing else is taken for a principal', () => {
  assert.equal(isPrincipal(principal), true)
  const others = [undefined, null, '', 7, [], {}, new Map(Object.entries(principal)), Object.create(null), Buffer.of(1)]
  for (const other of others) assert.equal(isPrincipal(other), false)
})

test('in a header it is its name, so that nothing more of the caller leaves the flow', () => {
  const headers = new Headers([['a', principal]])
  headers.set('B', principal)
  assert.deepEqual(
    [...headers],
    [
      ['a', 'me'],
      ['B', 'me'],
    ],
  )
  assert.deepEqual(
    [...new Exchange({ headers }).copy().headers],
    [
      ['a', 'me'],
      ['B', 'me'],
    ],
  )
})

test('in a body it is its name', () => {
  assert.equal(Body.of(principal).text(), 'me')
  assert.deepEqual(['x', 7, true, undefined].map(plainText), ['x', '7', 'true', 'undefined'])
})

test('copies of a message hold the same object', () => {
  const exchange = new Exchange({ properties: [['principal', principal]] })
  assert.equal(exchange.copy().properties.get('principal'), principal)
})
