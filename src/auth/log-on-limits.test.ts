import assert from 'node:assert/strict'
import { it } from 'node:test'

import { createLogOnLimits } from './log-on-limits.ts'

it('log-ons are bounded by address and together, and what is refused counts for nobody', () => {
  let now = 0
  const begin = createLogOnLimits({ now: () => now, monotonic: () => now })
  const begun = (tries: number, address: (index: number) => string): number =>
    Array.from({ length: tries }, (_, index) => begin(address(index))).filter((wait) => wait === 0).length
  assert.equal(
    begun(1_000, () => '192.0.2.1'),
    30,
  )
  assert.equal(begin('192.0.2.1'), 2)
  assert.equal(begin('192.0.2.2'), 0)
  assert.equal(
    begun(5_000, (index) => `198.51.100.${index}`),
    1_000 - 31,
  )
  assert.equal(begin('203.0.113.9'), 1)
  now += 2_000
  assert.equal(begin('192.0.2.1'), 0)
  assert.equal(
    begun(5_000, (index) => `198.51.101.${index}`),
    23,
  )
})
