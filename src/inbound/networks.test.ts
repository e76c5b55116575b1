import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { networksOf, plainAddress } from './networks.ts'

describe('networks', () => {
  for (const [networks, address, expected] of [
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '11.1.2.3', false],
    [['192.168.1.7'], '192.168.1.7', true],
    [['192.168.1.7'], '192.168.1.8', false],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '10.0.0.1', false],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', true],
    [['::ffff:10.0.0.1'], '10.0.0.1', true],
    [['nonsense', '10.0.0.1/99', '10.0.0.1/x'], '10.0.0.1', false],
    [['0.0.0.0/0'], '', false],
    [['0.0.0.0/0'], 'unknown', false],
    [[], '10.0.0.1', false],
  ] as const)
    it(`${networks.join(' ') || 'none'} ${expected ? 'contain' : 'do not contain'} '${address}'`, () =>
      assert.equal(networksOf(networks)(address), expected))

  it('an IPv4 client of an IPv6 socket is shown as what it is', () => {
    assert.deepEqual(['::ffff:10.0.0.1', '::1', '10.0.0.1', '::ffff:1'].map(plainAddress), [
      '10.0.0.1',
      '::1',
      '10.0.0.1',
      '::ffff:1',
    ])
  })
})
