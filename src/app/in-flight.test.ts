import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createInFlight } from './in-flight.ts'

describe('what is in flight', () => {
  it('is waited for, whether it succeeds or fails, but not what begins later', async () => {
    const inFlight = createInFlight()
    const first = Promise.withResolvers<void>()
    const later = Promise.withResolvers<void>()
    const failing = inFlight.run(() => first.promise)
    const ended = inFlight.ended(5_000)
    const other = inFlight.run(() => later.promise)
    first.reject(new Error('no'))
    await assert.rejects(failing)
    assert.equal(await ended, true)
    assert.equal(await inFlight.ended(20), false)
    later.resolve()
    await other
    assert.equal(await inFlight.ended(20), true)
  })

  it('does not wait for the work that asks, nor for what that work is part of', async () => {
    const inFlight = createInFlight()
    const inner = () => inFlight.run(() => inFlight.ended(20))
    assert.equal(await inFlight.run(inner), true)
  })
})
