import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listen } from '../../../test/kit/sender.ts'
import { flowFacts, openReceiver, PropertiesRefused, services, testRun } from '../../../test/kit/step.ts'
import type { Ended } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { processDirectReceiver } from './receiver.ts'
import { processDirectSender } from './sender.ts'

test('the sender claims its address with the headers its flow allows', async () => {
  const allowedHeaders = (name: string) => name === 'x'
  const { processDirect } = await listen(processDirectSender, {
    properties: { address: ' /orders ' },
    context: { flow: flowFacts({ id: 'Called', allowedHeaders }) },
  })
  const [claim] = processDirect
  assert.deepEqual([claim?.address, claim?.flowId, claim?.allowedHeaders], ['/orders', 'Called', allowedHeaders])
})

test('a sender without an address is refused', async () => {
  await assert.rejects(listen(processDirectSender, { properties: { address: '' } }), PropertiesRefused)
})

/** Calls through a receiver; returns the addresses that were called. */
async function call(address: string, ended: Ended, exchange = new Exchange()): Promise<string[]> {
  const called: string[] = []
  const lent = services({
    processDirect: {
      async call(to, message) {
        called.push(to)
        message.body = Body.ofText('answer')
        return ended
      },
    },
  })
  const outlet = await openReceiver(processDirectReceiver, { properties: { address }, context: { services: lent } })
  await outlet.send(exchange, testRun())
  return called
}

test('the receiver calls its address, fixed or made of the message', async () => {
  const exchange = new Exchange({ headers: [['to', 'stock']] })
  assert.deepEqual(await call('/orders', 'completed', exchange), ['/orders'])
  assert.equal(exchange.body.text(), 'answer')
  assert.deepEqual(await call('/${header.to}', 'completed', exchange), ['/stock'])
})

test('a called flow that handled its error lets the caller go on; an escalation does not', async () => {
  assert.deepEqual(await call('/orders', 'handled'), ['/orders'])
  await assert.rejects(call('/orders', 'escalated'), { code: 'processDirect.escalated' })
})

test('an address that comes out empty is an error', async () => {
  await assert.rejects(call('${header.none}', 'completed'), { code: 'processDirect.addressEmpty' })
})
