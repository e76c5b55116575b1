import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Work } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { compileStep, node, outgoingTo, rows, runStep } from '../../../test/kit/step.ts'
import { gather } from '../gather/index.ts'
import { join } from '../join/index.ts'
import { sequentialMulticast } from './sequential-multicast.ts'

const append =
  (text: string): Work =>
  (exchange) => {
    exchange.body = Body.ofText(exchange.body.text() + text)
  }

test('branches run in their sequence, each on a copy, and the route ends with them', async () => {
  const seen: string[] = []
  const branch = (id: string) =>
    outgoingTo(
      node(id, (exchange) => {
        seen.push(`${id}:${exchange.body.text()}`)
        exchange.body = Body.ofText('changed')
      }),
    )
  const { next, exchange } = await runStep(sequentialMulticast, {
    properties: { routingSequenceTable: rows({ '0': '1', '1': 'to_b' }, { '0': '2', '1': 'to_a' }) },
    context: { outgoing: [branch('a'), branch('b'), branch('c')] },
    exchange: new Exchange({ body: Body.ofText('m') }),
  })
  assert.deepEqual(seen, ['b:m', 'a:m', 'c:m'])
  assert.deepEqual([next, exchange.body.text()], ['completed', 'm'])
})

test('an error of a branch keeps the others from running and shows its message', async () => {
  let ran = false
  const exchange = new Exchange()
  const fail = outgoingTo(
    node('a', (message) => {
      message.headers.set('where', 'a')
      throw new Error('failed in a')
    }),
  )
  const other = outgoingTo(node('b', () => void (ran = true)))
  await assert.rejects(runStep(sequentialMulticast, { context: { outgoing: [fail, other] }, exchange }), /failed in a/)
  assert.deepEqual([ran, exchange.headers.get('where')], [false, 'a'])
})

test('behind a join the last branch goes on, behind its gather all of them', async () => {
  const behind = node('behind')
  const gathering = node(
    'gather',
    await compileStep(gather, {
      properties: { aggregationAlgorithm: 'concatenate-strategy', messageType: 'PlainText' },
    }),
    behind,
  )
  const joining = node('join', await compileStep(join, { context: { outgoing: [outgoingTo(gathering)] } }))
  const outgoing = ['1', '2'].map((text) => outgoingTo(node(text, append(text), joining)))
  const { next, exchange } = await runStep(sequentialMulticast, {
    context: { outgoing },
    exchange: new Exchange({ body: Body.ofText('m') }),
  })
  assert.equal(next, gathering)
  assert.equal(exchange.body.text(), 'm2')
  await gathering.work(exchange, undefined as never)
  assert.equal(exchange.body.text(), 'm1m2')
})

test('the strongest ending of a branch is the ending', async () => {
  const outgoing = [outgoingTo(node('a', () => 'escalated')), outgoingTo(node('b', () => 'completed'))]
  assert.equal((await runStep(sequentialMulticast, { context: { outgoing } })).next, 'escalated')
})

test('after a termination no branch begins', async () => {
  let ran = false
  const outgoing = [outgoingTo(node('a', () => 'terminated')), outgoingTo(node('b', () => void (ran = true)))]
  assert.equal((await runStep(sequentialMulticast, { context: { outgoing } })).next, 'terminated')
  assert.equal(ran, false)
})

test('a sequence that names a branch that is not there is refused', async () => {
  const properties = { routingSequenceTable: rows({ '0': '1', '1': 'to_nowhere' }) }
  await assert.rejects(runStep(sequentialMulticast, { properties, context: { outgoing: [outgoingTo(node('a'))] } }), {
    code: 'steps.sequenceIncomplete',
  })
})
