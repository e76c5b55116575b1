import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { compileStep, node, outgoingTo, runStep } from '../../../test/kit/step.ts'
import { gather } from '../gather/index.ts'
import { join } from '../join/index.ts'
import { parallelMulticast } from './parallel-multicast.ts'

test('branches run at once, and meet in the order of the model whichever is first', async () => {
  const gathering = node(
    'gather',
    await compileStep(gather, { properties: { aggregationAlgorithm: 'concatenate-strategy' } }),
  )
  const joining = node('join', await compileStep(join, { context: { outgoing: [outgoingTo(gathering)] } }))
  const second = Promise.withResolvers<void>()
  const slow = node(
    'slow',
    async (exchange) => {
      await second.promise
      exchange.body = Body.ofText('slow ')
    },
    joining,
  )
  const quick = node(
    'quick',
    async (exchange) => {
      exchange.body = Body.ofText('quick')
      second.resolve()
    },
    joining,
  )
  const { exchange } = await runStep(parallelMulticast, {
    context: { outgoing: [outgoingTo(slow), outgoingTo(quick)] },
  })
  await gathering.work(exchange, undefined as never)
  assert.equal(exchange.body.text(), 'slow quick')
})

test('branches do not see each other', async () => {
  const seen: string[] = []
  const branch = (id: string) =>
    outgoingTo(
      node(id, async (exchange) => {
        exchange.properties.set('mine', id)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(String(exchange.properties.get('mine')))
      }),
    )
  const exchange = new Exchange()
  await runStep(parallelMulticast, { context: { outgoing: [branch('a'), branch('b')] }, exchange })
  assert.deepEqual([seen.sort(), exchange.properties.has('mine')], [['a', 'b'], false])
})

test('the first error is the error of the step, after the others have ended', async () => {
  let ended = false
  const fail = outgoingTo(
    node('a', async () => {
      throw new Error('failed in a')
    }),
  )
  const other = outgoingTo(
    node('b', async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      ended = true
    }),
  )
  await assert.rejects(runStep(parallelMulticast, { context: { outgoing: [fail, other] } }), /failed in a/)
  assert.ok(ended)
})
