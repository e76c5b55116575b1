import assert from 'node:assert/strict'
import { test } from 'node:test'

import { element, runStep } from '../../../test/kit/step.ts'
import { end } from './end.ts'

test('an end event ends the route and leaves the message alone', async () => {
  const { next, exchange } = await runStep(end)
  assert.deepEqual([next, exchange.headers.size, exchange.properties.size], [undefined, 0, 0])
})

test('only end events without a definition are ends', () => {
  assert.ok(end.answers(element({ tag: 'endEvent' })))
  assert.ok(!end.answers(element({ tag: 'endEvent', event: 'error' })))
  assert.ok(!end.answers(element({ tag: 'startEvent' })))
})
