import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { bundle, channel, outletOf, runStep } from '../../../test/kit/step.ts'
import { send } from './send.ts'

test('the receiver gets a copy; the message goes on as it was', async () => {
  const sent: string[] = []
  const outlet = outletOf(async (exchange) => {
    sent.push(exchange.body.text())
    exchange.body = Body.ofText('answer')
    exchange.headers.set('answered', 'yes')
  })
  const context = { outlet: () => outlet, bundle: bundle({ channels: [channel()] }) }
  const { exchange } = await runStep(send, { context, exchange: new Exchange({ body: Body.ofText('question') }) })
  assert.deepEqual(sent, ['question'])
  assert.deepEqual([exchange.body.text(), exchange.headers.has('answered')], ['question', false])
})

test('ProcessDirect is refused', async () => {
  const context = { bundle: bundle({ channels: [channel({ adapter: 'ProcessDirect' })] }) }
  await assert.rejects(runStep(send, { context }), { code: 'steps.sendToProcessDirect' })
})
