import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Node, OutgoingFlow } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { element, node, outgoingTo, runStep } from '../../../test/kit/step.ts'
import { router } from './router.ts'

const [a, b, otherwise] = [node('a'), node('b'), node('otherwise')]

async function routeOf(outgoing: readonly OutgoingFlow[], exchange: Exchange, properties = {}): Promise<string> {
  const { next } = await runStep(router, { properties, context: { outgoing }, exchange })
  return (next as Node).id
}

test('the first true condition wins, the default last wherever it stands', async () => {
  const outgoing = [
    outgoingTo(otherwise, { isDefault: true, expressionType: 'XML' }),
    outgoingTo(a, { condition: "${header.kind} contains 'long'", expressionType: 'NonXML' }),
    outgoingTo(b, { condition: "${header.kind} contains 'lo'", expressionType: 'NonXML' }),
  ]
  for (const [kind, expected] of [
    ['longer', 'a'],
    ['lo', 'b'],
    ['short', 'otherwise'],
  ] as const) {
    assert.equal(await routeOf(outgoing, new Exchange({ headers: [['kind', kind]] })), expected)
  }
})

test('each condition is read in the language of its own route', async () => {
  const outgoing = [
    outgoingTo(a, { condition: '/order/item', expressionType: 'XML' }),
    outgoingTo(b, { condition: '${property.x} = null', expressionType: 'NonXML' }),
    outgoingTo(otherwise, { isDefault: true }),
  ]
  assert.equal(await routeOf(outgoing, new Exchange({ body: Body.ofText('<order><item/></order>') })), 'a')
  assert.equal(await routeOf(outgoing, new Exchange({ body: Body.ofText('<order/>') })), 'b')
})

test('without a true condition the router raises where it is told to', async () => {
  const outgoing = [outgoingTo(a, { condition: "${header.x} = '1'" }), outgoingTo(otherwise, { isDefault: true })]
  await assert.rejects(routeOf(outgoing, new Exchange(), { throwException: 'true' }), { code: 'steps.noRoute' })
  await assert.rejects(routeOf([outgoingTo(a, { condition: "${header.x} = '1'" })], new Exchange()), {
    code: 'steps.noRoute',
  })
})

test('an XPath condition on a body that is no XML is an error', async () => {
  const outgoing = [
    outgoingTo(a, { condition: '/x', expressionType: 'XML' }),
    outgoingTo(otherwise, { isDefault: true }),
  ]
  await assert.rejects(routeOf(outgoing, new Exchange({ body: Body.ofText('no xml') })), { code: 'message.bodyNotXml' })
})

test('a route without a condition is refused, unless it is the only one', async () => {
  await assert.rejects(routeOf([outgoingTo(a), outgoingTo(otherwise, { isDefault: true })], new Exchange()), {
    code: 'steps.conditionMissing',
  })
  assert.equal(await routeOf([outgoingTo(a)], new Exchange()), 'a')
})

test('the router answers to gateways with and without an activity', () => {
  assert.ok(router.answers(element({ tag: 'exclusiveGateway', activity: 'ExclusiveGateway' })))
  assert.ok(router.answers(element({ tag: 'exclusiveGateway' })))
  assert.ok(!router.answers(element({ tag: 'parallelGateway' })))
})
