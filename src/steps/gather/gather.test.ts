import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { compileStep, node, outgoingTo, runStep } from '../../../test/kit/step.ts'
import { splitter } from '../splitter/index.ts'
import { gather } from './gather.ts'

/** Splits a body, changes each part and gathers them. */
async function gathered(properties: Record<string, string>, body: string, change = (text: string) => text) {
  const behind = node('behind')
  const gathering = node(
    'gather',
    await compileStep(gather, { properties, context: { outgoing: [outgoingTo(behind)] } }),
  )
  const part = node(
    'part',
    (exchange) => {
      exchange.body = Body.ofText(change(exchange.body.text()))
      exchange.headers.set('of-a-part', 'yes')
    },
    gathering,
  )
  const { next, exchange } = await runStep(splitter, {
    properties: { splitType: 'GeneralSplitter', splitExprValue: '/l/i' },
    context: { outgoing: [outgoingTo(part)] },
    exchange: new Exchange({ body: Body.ofText(body), headers: [['before', 'yes']] }),
  })
  assert.equal(next, behind)
  assert.deepEqual([exchange.headers.get('before'), exchange.headers.has('of-a-part')], ['yes', false])
  return exchange.body.text()
}

const list = '<l><i>1</i><i>2</i></l>'
const messages = (content: string) =>
  `<?xml version='1.0' encoding='UTF-8'?><multimap:Messages xmlns:multimap="http://sap.com/xi/XI/SplitAndMerge">${content}</multimap:Messages>`

test('each algorithm makes one message of the parts', async () => {
  const cases: readonly [properties: Record<string, string>, expected: string][] = [
    [{ aggregationAlgorithm: 'concatenate-strategy', messageType: 'PlainText' }, '<l><i>1</i></l><l><i>2</i></l>'],
    [
      { aggregationAlgorithm: 'sap-identical-multi-mapping' },
      messages('<multimap:Message1><l><i>1</i></l><l><i>2</i></l></multimap:Message1>'),
    ],
    [
      { aggregationAlgorithm: 'sap-pi-multi-mapping', messageType: 'DiffXMLFormat' },
      messages(
        '<multimap:Message1><l><i>1</i></l></multimap:Message1><multimap:Message2><l><i>2</i></l></multimap:Message2>',
      ),
    ],
    [{ aggregationAlgorithm: 'xpath-merge-strategy', sourceXPath: '/l/i', targetXPath: '/l' }, list],
    [{ aggregationAlgorithm: 'xpath-merge-strategy', sourceXPath: '/l/i', targetXPath: '' }, list],
    [
      { aggregationAlgorithm: 'xpath-merge-strategy', sourceXPath: '', targetXPath: '/l' },
      '<l><i>1</i><l><i>2</i></l></l>',
    ],
  ]
  for (const [properties, expected] of cases) assert.equal(await gathered(properties, list), expected)
})

test('XML declarations of the parts are dropped', async () => {
  const withDeclaration = (text: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${text}`
  const combined = await gathered({ aggregationAlgorithm: 'sap-identical-multi-mapping' }, list, withDeclaration)
  assert.equal(combined.match(/<\?xml/g)?.length, 1)
})

test('a target that is not there is an error', async () => {
  const properties = { aggregationAlgorithm: 'xpath-merge-strategy', sourceXPath: '/l/i', targetXPath: '/none' }
  await assert.rejects(gathered(properties, list), { code: 'steps.gatherNodesMissing' })
})

test('a message that nobody parted cannot be gathered', async () => {
  await assert.rejects(runStep(gather, { properties: { aggregationAlgorithm: 'concatenate-strategy' } }), {
    code: 'steps.nothingToGather',
  })
})
