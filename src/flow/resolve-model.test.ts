import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  bundleOf,
  type FlowSketch,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  receiverChannel,
  route,
  router,
  type Settings,
  step,
  timerStart,
} from '../../test/kit/bundle.ts'
import { resolveModel } from './resolve-model.ts'

/** The resolved value of one property of a step, and the names that are unknown. */
async function resolved(
  parameters: NonNullable<FlowSketch['parameters']>,
  settings: Settings,
  overrides: Readonly<Record<string, string>> = {},
) {
  const bundle = await bundleOf({
    id: 'F',
    parameters,
    processes: [mainProcess([messageStart(), step('S', 'Enricher', settings), messageEnd()])],
  })
  const { model, unknownParameters } = resolveModel(bundle, overrides)
  const properties = model.processes[0]?.elements.find(({ id }) => id === 'S')?.properties
  const [key = ''] = Object.keys(settings)
  return { value: properties?.get(key), properties, unknown: unknownParameters }
}

const plain: readonly (readonly [text: string, expected: string])[] = [
  ['{{a}}', '1'],
  ['http://{{a}}/{{b c}}', 'http://1/2 3'],
  ['{{{PW}}', 'secret'],
  ['{{ a }}', 'spaced'],
  ['{{<x>/}}', 'angle'],
  ['{{none}} {{a}}', '{{none}} 1'],
  ['{{a', '{{a'],
  ['{{nested}}', '{{a}}'],
  ['{{simple}}', '${header.x}'],
  ['{{escaped}}', '&lt;'],
  ['{{a\n}}', '{{a\n}}'],
  ['{{}}', '{{}}'],
]
const parameters = {
  a: '1',
  'b c': '2 3',
  '{PW': 'secret',
  ' a ': 'spaced',
  '<x>/': 'angle',
  nested: '{{a}}',
  simple: '${header.x}',
  escaped: '&lt;',
}
for (const [text, expected] of plain) {
  test(`plain: ${JSON.stringify(text)}`, async () => {
    assert.equal((await resolved(parameters, { key: text })).value, expected)
  })
}

test('an unknown name keeps its text and is reported with its place', async () => {
  const { value, unknown } = await resolved({}, { key: 'x{{who}}' })
  assert.equal(value, 'x{{who}}')
  assert.equal(unknown.length, 1)
  assert.match(unknown[0]?.message ?? '', /'\{\{who\}\}'/)
  assert.equal(unknown[0]?.place.element, 'S')
  assert.equal(unknown[0]?.place.property, 'key')
  assert.ok((unknown[0]?.place.line ?? 0) > 1)
})

test('overrides come before the values of the bundle', async () => {
  assert.equal((await resolved({ a: '1' }, { key: '{{a}}{{b}}' }, { a: '2', b: '3' })).value, '23')
})

test('a table becomes rows of cells, each substituted and unescaped once', async () => {
  const stored = { expression: 'a &lt; b &amp;amp; c', raw: '<b>&x', '<odd>': 'odd' }
  const row = { ...modifierRow('n', 'constant', '{{expression}}|{{raw}}|{{<odd>}}|{{none}}'), Default: '&lt;' }
  const { value, unknown } = await resolved(stored, { propertyTable: [row] })
  assert.deepEqual(JSON.parse(value ?? ''), [{ ...row, Value: 'a < b &amp; c|<b>&x|odd|{{none}}' }])
  assert.equal(unknown.length, 1)
})

test('cells without an id are named by position', async () => {
  const { value } = await resolved({}, { variable: [['x', '', 'property'], ['y']] })
  assert.deepEqual(JSON.parse(value ?? ''), [{ '0': 'x', '1': '', '2': 'property' }, { '0': 'y' }])
})

test('what only looks like a table stays a text', async () => {
  for (const text of ['<row>text</row>', '<row><cell>unclosed</row>', '<row><other/></row>', ' x<row/>']) {
    const { value } = await resolved({}, { key: text })
    assert.equal(value, text)
  }
  const body = '<row><cell>a</cell></row>'
  assert.equal((await resolved({}, { wrapContent: body })).value, body)
})

test('a schedule may be a whole parameter, whose ampersands stand raw', async () => {
  const schedule =
    '<row><cell>triggerType</cell><cell>cron</cell></row><row><cell>schedule1</cell><cell>0+0+1+?+*+*+*&trigger.timeZone=Etc/GMT+2</cell></row>'
  const bundle = await bundleOf({
    id: 'F',
    parameters: { When: { value: schedule, type: 'custom:schedule' } },
    processes: [mainProcess([timerStart('T', '', { scheduleKey: '{{When}}' }), messageEnd()])],
  })
  assert.deepEqual(
    JSON.parse(resolveModel(bundle).model.processes[0]?.elements[0]?.properties.get('scheduleKey') ?? ''),
    [
      { '0': 'triggerType', '1': 'cron' },
      { '0': 'schedule1', '1': '0+0+1+?+*+*+*&trigger.timeZone=Etc/GMT+2' },
    ],
  )
})

test('old content modifiers get the tables of new ones', async () => {
  const { properties } = await resolved(
    { v: 'value' },
    {
      property_10: 'Name:=:ten:;Type:=:constant:;Datatype:=::;Value:=:a:;b:;Default:=:d',
      property_2: 'Name:=:two:;Type:=:expression:;Datatype:=:java.lang.String:;Value:=:{{v}}:;Default:=:',
      HEADER_0: 'Name:=:Content-Type:;Type:=:constant:;Datatype:=::;Value:=:text/plain:;Default:=:',
      headerTable: [modifierRow('first', 'constant', 'x')],
    },
  )
  const row = (Name: string, Type: string, Value: string, Datatype = '', Default = '') => ({
    Action: 'Create',
    Type,
    Value,
    Default,
    Name,
    Datatype,
  })
  assert.deepEqual(JSON.parse(properties?.get('propertyTable') ?? ''), [
    row('two', 'expression', 'value', 'java.lang.String'),
    row('ten', 'constant', 'a:;b', '', 'd'),
  ])
  assert.deepEqual(JSON.parse(properties?.get('headerTable') ?? ''), [
    modifierRow('first', 'constant', 'x'),
    row('Content-Type', 'constant', 'text/plain'),
  ])
  assert.deepEqual(
    [...(properties?.keys() ?? [])].filter((key) => /_\d/.test(key)),
    [],
  )
})

test('conditions, channels, participants and the flow itself are resolved too', async () => {
  const bundle = await bundleOf({
    id: 'F',
    parameters: { c: '${header.x} = &apos;y&apos;', t: 'NonXML', p: 'OData V4', s: 'onExchange', sub: 'GroovyScript' },
    settings: { httpSessionHandling: '{{s}}' },
    channels: [receiverChannel('HCIOData', 'S', { MessageProtocol: '{{p}}' })],
    processes: [
      mainProcess([messageStart(), router(), step('S', 'Script', { subActivityType: '{{sub}}' }), messageEnd()], {
        routes: [
          route('Start', 'Router'),
          { ...route('Router', 'S', '{{c}}'), id: 'Flow' },
          route('Router', 'End', 'otherwise'),
          route('S', 'End'),
        ],
      }),
    ],
  })
  const { model, unknownParameters } = resolveModel(bundle)
  assert.deepEqual(unknownParameters, [])
  assert.equal(model.properties.get('httpSessionHandling'), 'onExchange')
  assert.equal(model.channels[0]?.messageProtocol, 'OData V4')
  assert.equal(model.processes[0]?.sequenceFlows.find(({ id }) => id === 'Flow')?.condition, "${header.x} = 'y'")
  assert.equal(model.processes[0]?.elements.find(({ id }) => id === 'S')?.subActivity, 'GroovyScript')
  assert.equal(bundle.model?.channels[0]?.messageProtocol, '{{p}}')
})
