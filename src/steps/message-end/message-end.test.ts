import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body } from '../../message/index.ts'
import { bundle, channel, outletOf, runStep } from '../../../test/kit/step.ts'
import { messageEnd } from './message-end.ts'

test('an event without a channel changes nothing', async () => {
  const { next, exchange } = await runStep(messageEnd)
  assert.deepEqual([next, exchange.body.text()], [undefined, ''])
})

test('an event with a channel calls its receiver, whose answer is the answer', async () => {
  const outlet = outletOf(async (exchange) => {
    exchange.body = Body.ofText('answer')
  })
  const context = { outlet: () => outlet, bundle: bundle({ channels: [channel()] }) }
  const { exchange } = await runStep(messageEnd, { context })
  assert.equal(exchange.body.text(), 'answer')
})
