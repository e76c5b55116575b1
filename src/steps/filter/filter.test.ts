import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { runStep } from '../../../test/kit/step.ts'
import { filter } from './filter.ts'

test('the result is what the value type asks for', async () => {
  const cases: readonly [wrapContent: string, xpathType: string, expected: string][] = [
    ['/a/b', 'Nodelist', '<b>1</b><b>2</b>'],
    ['/a/b', 'Node', '<b>1</b>'],
    ['/a/b', 'String', '1'],
    ['/a/b/text()', 'Nodelist', '12'],
    ['count(/a/b)', 'Integer', '2'],
    ['/a/b', 'Boolean', 'true'],
    ['/a/c', 'Nodelist', ''],
    ['/a/c', 'Node', ''],
    ['/a/b[. = $wanted]', 'Nodelist', '<b>2</b>'],
  ]
  for (const [wrapContent, xpathType, expected] of cases) {
    const exchange = new Exchange({
      body: Body.ofText('<?xml version="1.0"?><a><b>1</b><b>2</b></a>'),
      headers: [['wanted', '2']],
    })
    await runStep(filter, { properties: { wrapContent, xpathType }, exchange })
    assert.equal(exchange.body.text(), expected, `${wrapContent} ${xpathType}`)
  }
})

test('prefixes come from the flow', async () => {
  const exchange = new Exchange({ body: Body.ofText('<a xmlns="urn:x"><b>1</b></a>') })
  const properties = { wrapContent: '/p:a/p:b', xpathType: 'String' }
  await runStep(filter, { properties, exchange, flow: { namespaces: new Map([['p', 'urn:x']]) } })
  assert.equal(exchange.body.text(), '1')
})
