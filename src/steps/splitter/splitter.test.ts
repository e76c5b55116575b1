import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Work } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { element, node, outgoingTo, PropertiesRefused, runStep } from '../../../test/kit/step.ts'
import { splitter } from './splitter.ts'

const general = { splitType: 'GeneralSplitter', exprType: 'XPath' }
const orders = '<o:all xmlns:o="urn:o" day="1"><head/><list n="2"><i>1</i><i>2</i><i>3</i></list><foot/></o:all>'

/** The bodies of the parts, and what else `look` sees of them. */
async function parts(
  properties: Record<string, string>,
  body: string,
  look = (exchange: Exchange): unknown => exchange.body.text(),
) {
  const seen: unknown[] = []
  const work: Work = (exchange) => void seen.push(look(exchange))
  const exchange = new Exchange({ body: Body.ofText(body), properties: [['path', 'list/i']] })
  const outcome = await runStep(splitter, {
    properties,
    context: { outgoing: [outgoingTo(node('part', work))] },
    exchange,
  })
  return { seen, ...outcome }
}

test('a general splitter keeps the elements above, an iterating one does not', async () => {
  const envelope = (inner: string) => `<o:all xmlns:o="urn:o" day="1"><list n="2">${inner}</list></o:all>`
  const cases: readonly [properties: Record<string, string>, expected: readonly string[]][] = [
    [{ ...general, splitExprValue: '//i' }, [envelope('<i>1</i>'), envelope('<i>2</i>'), envelope('<i>3</i>')]],
    [{ ...general, splitExprValue: '//list/i/', grouping: '2' }, [envelope('<i>1</i><i>2</i>'), envelope('<i>3</i>')]],
    [
      { ...general, splitExprValue: '//${property.path}' },
      [envelope('<i>1</i>'), envelope('<i>2</i>'), envelope('<i>3</i>')],
    ],
    [{ ...general, splitType: 'IteratingSplitter', splitExprValue: '//i' }, ['<i>1</i>', '<i>2</i>', '<i>3</i>']],
    [{ splitType: 'Camel', tokenValue: '//i', grouping: '2' }, ['<i>1</i><i>2</i>', '<i>3</i>']],
    [{ ...general, splitExprValue: '//none' }, []],
  ]
  for (const [properties, expected] of cases) {
    const { seen, next, exchange } = await parts(properties, orders)
    assert.deepEqual(seen, expected)
    assert.deepEqual([next, exchange.body.text()], ['completed', orders])
  }
})

test('lines and tokens split text', async () => {
  const lines = { splitType: 'IteratingSplitter', exprType: 'Line Break' }
  assert.deepEqual((await parts(lines, 'a\r\nb\nc\n')).seen, ['a', 'b', 'c'])
  assert.deepEqual((await parts({ ...lines, grouping: '2' }, 'a\nb\nc')).seen, ['a\nb', 'c'])
  assert.deepEqual(
    (await parts({ splitType: 'IteratingSplitter', exprType: 'Token', tokenValue: ';' }, 'a;;b;')).seen,
    ['a', '', 'b'],
  )
})

test('parts know their place', async () => {
  const names = ['CamelSplitIndex', 'CamelSplitSize', 'CamelSplitComplete']
  const { seen } = await parts({ ...general, splitExprValue: '//i' }, orders, ({ properties }) =>
    names.map((name) => properties.get(name)),
  )
  assert.deepEqual(seen, [
    [0, 3, false],
    [1, 3, false],
    [2, 3, true],
  ])
})

test('the first part that fails ends the message, or is left out', async () => {
  const seen: string[] = []
  const fail: Work = (exchange) => {
    seen.push(exchange.body.text())
    if (exchange.body.text() === '<i>1</i>') throw new Error('part 1 failed')
  }
  const run = (StopOnExecution: string) =>
    runStep(splitter, {
      properties: { splitType: 'IteratingSplitter', splitExprValue: '//i', StopOnExecution },
      context: { outgoing: [outgoingTo(node('part', fail))] },
      exchange: new Exchange({ body: Body.ofText(orders) }),
    })
  await assert.rejects(run('true'), /part 1 failed/)
  assert.equal(seen.splice(0).length, 1)
  assert.equal((await run('false')).next, 'completed')
  assert.equal(seen.length, 3)
})

test('parallel processing works on as many parts at once as it may', async () => {
  let [now, most] = [0, 0]
  const work: Work = async () => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, 5))
    now--
  }
  await runStep(splitter, {
    properties: {
      splitType: 'IteratingSplitter',
      exprType: 'Line Break',
      ParallelProcessing: 'true',
      SplitterThreads: '3',
    },
    context: { outgoing: [outgoingTo(node('part', work))] },
    exchange: new Exchange({ body: Body.ofText('1\n2\n3\n4\n5\n6') }),
  })
  assert.equal(most, 3)
})

test('a splitter without an expression is refused, and so are other kinds', async () => {
  await assert.rejects(parts({ ...general }, orders), { code: 'steps.splitTokenMissing' })
  await assert.rejects(parts({ splitType: 'EDISplitter' }, orders), PropertiesRefused)
  assert.ok(!splitter.answers(element({ activity: 'Splitter', subActivity: 'EDISplitter' })))
})
