import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange, isNode } from '../../message/index.ts'
import { PropertiesRefused, rows, runStep, services } from '../../../test/kit/step.ts'
import { contentModifier } from './content-modifier.ts'

const modify = async (properties: Record<string, string>, exchange = new Exchange()) =>
  (await runStep(contentModifier, { properties, exchange })).exchange

test('rows take their value from each source', async () => {
  const cases: readonly [source: string, value: string, datatype: string, expected: unknown][] = [
    ['constant', 'a ${in.body}', '', 'a ${in.body}'],
    ['constant', '', '', ''],
    ['external parameter', 'b', 'java.lang.String', 'b'],
    ['constant', '12', 'java.Lang.Integer', 12],
    ['constant', 'TRUE', 'java.lang.Boolean', true],
    ['constant', 'x', 'java.land.String', 'x'],
    ['expression', 'v=${header.h}', '', 'v=H'],
    ['expression', "${header.h} = 'H'", 'java.lang.Boolean', true],
    ['expression', "${header.h} regex '[a-z]' or ${property.p} > 7", 'Boolean', false],
    ['expression', "${header.h} = 'H'", '', "H = 'H'"],
    ['expression', 'true', 'java.lang.Boolean', true],
    ['header', 'H', '', 'H'],
    ['property', 'p', '', 7],
    ['property', 'p', 'java.lang.String', '7'],
    ['property', 'name_${header.h}', '', 'nested'],
    ['xpath', '/a/b', '', '1'],
    ['xpath', '/a/none', 'java.lang.String', ''],
    ['xpath', 'count(/a/b)', 'Integer', 2],
    ['xpath', '/a/b = 2', 'java.lang.Boolean', true],
  ]
  for (const [Type, Value, Datatype, expected] of cases) {
    const exchange = new Exchange({
      body: Body.ofText('<a><b>1</b><b>2</b></a>'),
      headers: [['h', 'H']],
      properties: [
        ['p', 7],
        ['name_H', 'nested'],
      ],
    })
    await modify({ propertyTable: rows({ Action: 'Create', Name: 'out', Type, Value, Datatype }) }, exchange)
    assert.equal(exchange.properties.get('out'), expected, `${Type} ${Value}`)
  }
})

test('an XPath of node type keeps the nodes', async () => {
  const exchange = new Exchange({ body: Body.ofText('<a><b>1</b><b>2</b></a>') })
  await modify(
    {
      propertyTable: rows(
        { Name: 'all', Type: 'xpath', Value: '/a/b', Datatype: 'org.w3c.dom.NodeList' },
        { Name: 'one', Type: 'xpath', Value: '/a/b', Datatype: 'org.w3c.dom.Node' },
      ),
    },
    exchange,
  )
  assert.equal((exchange.properties.get('all') as unknown[]).length, 2)
  assert.ok(isNode(exchange.properties.get('one')))
})

test('headers come before properties, properties before the body, and each row sees the rows above it', async () => {
  const exchange = await modify({
    headerTable: rows(
      { Name: 'first', Type: 'constant', Value: '1' },
      { Name: 'second', Type: 'expression', Value: '${header.first}2' },
    ),
    propertyTable: rows(
      { Name: 'third', Type: 'expression', Value: '${header.second}3' },
      { Name: 'fourth', Type: 'property', Value: 'third' },
    ),
    wrapContent: '${property.fourth}4',
  })
  assert.equal(exchange.body.text(), '1234')
})

test('the rows still see the old body', async () => {
  const exchange = new Exchange({ body: Body.ofText('old') })
  await modify(
    { propertyTable: rows({ Name: 'was', Type: 'expression', Value: '${in.body}' }), wrapContent: 'new' },
    exchange,
  )
  assert.deepEqual([exchange.properties.get('was'), exchange.body.text()], ['old', 'new'])
})

test('the body is set as its type says', async () => {
  const cases: readonly [bodyType: string, wrapContent: string, expected: string][] = [
    ['expression', '', 'old'],
    ['expression', '${null}', ''],
    ['expression', '<${header.h}>', '<H>'],
    ['', 'was ${in.body}', 'was old'],
    ['constant', '${header.h}', '${header.h}'],
    ['constant', '', 'old'],
  ]
  for (const [bodyType, wrapContent, expected] of cases) {
    const exchange = new Exchange({ body: Body.ofText('old'), headers: [['h', 'H']] })
    await modify({ bodyType, wrapContent }, exchange)
    assert.equal(exchange.body.text(), expected, wrapContent)
  }
})

test('the body alone as expression keeps bytes that are no text', async () => {
  const exchange = new Exchange({ body: Body.ofBytes(Buffer.from([0xff, 0xfe, 0x00])) })
  await modify({ wrapContent: '${in.body}' }, exchange)
  assert.deepEqual(exchange.body.bytes(), Buffer.from([0xff, 0xfe, 0x00]))
})

test('Delete takes a name or a pattern', async () => {
  const cases: readonly [name: string, left: readonly string[]][] = [
    ['x-One', ['X-Two', 'other', '$odd']],
    ['$name=x-one', ['X-Two', 'other', '$odd']],
    ['$include=x-*', ['other', '$odd']],
    ['$include=*', []],
    ['missing', ['x-one', 'X-Two', 'other', '$odd']],
  ]
  for (const [Name, left] of cases) {
    const headers = ['x-one', 'X-Two', 'other', '$odd'].map((name): [string, string] => [name, '1'])
    const exchange = await modify(
      { headerTable: rows({ Action: 'Delete', Name, Type: '' }) },
      new Exchange({ headers }),
    )
    assert.deepEqual(
      [...exchange.headers].map(([name]) => name),
      left,
      Name,
    )
  }
})

test('a value that is nothing removes what was there', async () => {
  const exchange = new Exchange({ headers: [['h', '1']], properties: [['p', '1']] })
  await modify(
    {
      headerTable: rows({ Name: 'H', Type: 'expression', Value: '${null}' }),
      propertyTable: rows({ Name: 'p', Type: 'header', Value: 'missing' }),
    },
    exchange,
  )
  assert.deepEqual([exchange.headers.has('h'), exchange.properties.has('p')], [false, false])
})

test('variables are read from their scope, and rows after them wait', async () => {
  const kept = services()
  await kept.variables.write('run', 'local', 'TestFlow', 'L')
  await kept.variables.write('run', 'global', 'TestFlow', 'G')
  const { exchange } = await runStep(contentModifier, {
    properties: {
      propertyTable: rows(
        { Name: 'l', Type: 'persisted variables', Value: 'run' },
        { Name: 'g', Type: 'global persisted variables', Value: 'run' },
        { Name: 'd', Type: 'persisted variables', Value: 'none', Default: 'D' },
        { Name: 'all', Type: 'expression', Value: '${property.l}${property.g}${property.d}' },
      ),
    },
    context: { services: kept },
  })
  assert.equal(exchange.properties.get('all'), 'LGD')
})

test('what cannot be done is refused or fails', async () => {
  await assert.rejects(
    modify({ headerTable: rows({ Name: 'n', Type: 'numberRange', Value: 'r' }) }),
    (error: PropertiesRefused) => error instanceof PropertiesRefused && /numberRange/.test(error.message),
  )
  await assert.rejects(modify({ propertyTable: rows({ Name: 'v', Type: 'persisted variables', Value: 'none' }) }), {
    code: 'steps.variableMissing',
  })
  await assert.rejects(
    modify({ propertyTable: rows({ Name: 'n', Type: 'expression', Value: 'x${header.none}', Datatype: 'Integer' }) }),
    { code: 'steps.valueNotConverted' },
  )
  await assert.rejects(modify({ wrapContent: '${unknown.function(}' }), /languages|expression/)
})
