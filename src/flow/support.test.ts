import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  artifactBundle,
  bundleOf,
  externalCall,
  type FlowSketch,
  localProcess,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  processCall,
  receiverChannel,
  senderChannel,
  step,
  timerStart,
} from '../../test/kit/bundle.ts'
import { choice, integer, table, text } from '../fields/index.ts'
import { declareReceiver, declareSender, declareStep, type Step } from './contracts.ts'
import { readBundle } from './read-bundle.ts'
import { type Catalog, checkBundle } from './support.ts'

const words = { label: 'x', help: 'x' }
const nothing = { label: 'x', summary: 'x', fields: {} }
const stepFor = (type: string, answers: Step['answers']): Step =>
  declareStep({ ...nothing, type, answers, compile: () => () => undefined })

const modifier = declareStep({
  ...nothing,
  type: 'content-modifier',
  answers: ({ activity }) => activity === 'Enricher',
  fields: {
    size: integer({ ...words, min: 1, max: 10, default: 1 }),
    mode: choice({ ...words, options: { a: 'A' }, unsupported: ['b'], default: 'a' }),
    propertyTable: table({ ...words, columns: { Name: text(words) } }),
  },
  compile: () => () => undefined,
})
const http = declareReceiver({
  ...nothing,
  type: 'HTTP',
  answers: ({ adapter }) => adapter === 'HTTP',
  fields: { url: text(words) },
  open: () => Promise.reject(new Error('never opened')),
})
const timer = declareSender({
  ...nothing,
  type: 'Timer',
  answers: (source) => 'event' in source && source.event === 'timer',
  listen: () => undefined,
})
const https = declareSender({
  ...nothing,
  type: 'HTTPS',
  answers: (source) => 'adapter' in source && source.adapter === 'HTTPS',
  listen: () => undefined,
})
const ends = stepFor('end', ({ tag }) => tag === 'endEvent')
const call = stepFor('call', ({ activity }) => activity === 'ExternalCall' || activity === 'ProcessCallElement')
const catalog: Catalog = { steps: [modifier, ends, call], receivers: [http], senders: [timer, https] }

const sketch: FlowSketch = {
  id: 'F',
  parameters: { Url: 'http://x', Size: '3', Needed: { value: '', required: true } },
  channels: [senderChannel('HTTPS', { urlPath: '/a' }), receiverChannel('HTTP', 'Call', { url: '{{Url}}' })],
  processes: [
    mainProcess([messageStart(), step('Set', 'Enricher', { size: '{{Size}}' }), externalCall('Call'), messageEnd()], {
      exception: [],
    }),
    localProcess('Local', [step('Set2', 'Enricher')]),
    mainProcess([timerStart(), processCall('CallLocal', 'Local'), messageEnd('End2')], { id: 'Timed' }),
  ],
}

test('every component is listed with its type, version, place and answer', async () => {
  const report = checkBundle(await bundleOf(sketch), catalog)
  assert.deepEqual(report.problems, [])
  assert.equal(report.supported, true)
  assert.deepEqual(
    report.components.map(({ id, kind, type, process, answeredBy, supported }) => [
      id,
      kind,
      type,
      process,
      answeredBy,
      supported,
    ]),
    [
      ['MessageFlow_1', 'channel', 'HTTPS (None, Sender)', '', 'HTTPS', true],
      ['MessageFlow_2', 'channel', 'HTTP (None, Receiver)', '', 'HTTP', true],
      ['Start', 'event', 'startEvent (message)', 'Integration Process', undefined, true],
      ['Set', 'step', 'Enricher', 'Integration Process', 'content-modifier', true],
      ['Call', 'step', 'ExternalCall', 'Integration Process', 'call', true],
      ['End', 'event', 'endEvent (message)', 'Integration Process', 'end', true],
      ['Process_1_Exception', 'subprocess', 'ErrorEventSubProcessTemplate', 'Integration Process', undefined, true],
      ['Process_1_Exception_Start', 'event', 'startEvent (error)', 'Exception Subprocess 1', undefined, true],
      ['Process_1_Exception_End', 'event', 'endEvent (message)', 'Exception Subprocess 1', 'end', true],
      ['Local_Start', 'event', 'startEvent', 'Local', undefined, true],
      ['Set2', 'step', 'Enricher', 'Local', 'content-modifier', true],
      ['Local_End', 'event', 'endEvent', 'Local', 'end', true],
      ['Timer', 'event', 'startEvent (timer)', 'Integration Process', 'Timer', true],
      ['CallLocal', 'step', 'ProcessCallElement/NonLoopingProcess', 'Integration Process', 'call', true],
      ['End2', 'event', 'endEvent (message)', 'Integration Process', 'end', true],
    ],
  )
  const [channel] = report.components
  assert.equal(channel?.version, '1.0.0')
  assert.equal(channel?.place.file, 'src/main/resources/scenarioflows/integrationflow/F.iflw')
  assert.ok((channel?.place.line ?? 0) > 1)
})

test('with an empty catalogue everything but structure is missing, with code, reason and remedy', async () => {
  const report = checkBundle(await bundleOf(sketch), { steps: [], receivers: [], senders: [] })
  assert.equal(report.supported, false)
  const missing = report.components.filter(({ supported }) => !supported)
  assert.equal(missing.length, report.components.length - 4)
  for (const { problem, name } of missing) {
    assert.equal(problem?.code, 'flow.componentUnsupported')
    assert.match(problem?.message ?? '', new RegExp(name))
    assert.notEqual(problem?.remedy, '')
    assert.ok(problem !== undefined && report.problems.includes(problem))
  }
})

test('where there is no sub type the variant tells which of several steps is meant', async () => {
  const cmdVariantUri = 'ctype::FlowstepVariant/cname::MessageMapping/version::1.3.1'
  const bundle = await bundleOf({
    id: 'F',
    processes: [mainProcess([messageStart(), step('M', 'Mapping', { cmdVariantUri }), messageEnd()])],
  })
  const mapping = checkBundle(bundle, catalog).components.find(({ id }) => id === 'M')
  assert.deepEqual([mapping?.type, mapping?.version, mapping?.supported], ['Mapping/MessageMapping', '1.3.1', false])
})

test('two answers for one component are a defect, not a choice', async () => {
  const rival = stepFor('rival', ({ tag }) => tag === 'endEvent')
  const report = checkBundle(await bundleOf(sketch), { ...catalog, steps: [...catalog.steps, rival] })
  assert.deepEqual(new Set(report.problems.map(({ code }) => code)), new Set(['flow.componentAmbiguous']))
  assert.match(report.problems[0]?.message ?? '', /end, rival/)
})

test('all problems of all properties are reported at once, after parameters are replaced', async () => {
  const bundle = await bundleOf({
    ...sketch,
    channels: [senderChannel('HTTPS', { urlPath: '/a' }), receiverChannel('HTTP', 'Call', { url: '' })],
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', { size: '{{Size}}', mode: 'b', propertyTable: [modifierRow('', 'constant', '')] }),
        externalCall('Call'),
        messageEnd(),
      ]),
    ],
  })
  const report = checkBundle(bundle, catalog, { Size: '11' })
  assert.deepEqual(
    report.problems.map(({ code, place }) => [code, place.element, place.property]),
    [
      ['flow.propertyInvalid', 'MessageFlow_2', 'url'],
      ['flow.propertyInvalid', 'Set', 'size'],
      ['flow.propertyUnsupported', 'Set', 'mode'],
      ['flow.propertyInvalid', 'Set', 'propertyTable'],
    ],
  )
  assert.match(report.problems[1]?.message ?? '', /'Set': size must be a whole number from 1 to 10, not '11'/)
  assert.match(report.problems[3]?.message ?? '', /row 1/)
  assert.deepEqual(
    report.components.filter(({ supported }) => !supported).map(({ id }) => id),
    ['MessageFlow_2', 'Set'],
  )
})

test('what is not known and stands in no one’s way is a note', async () => {
  const bundle = await bundleOf({
    ...sketch,
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', { strange: '{{Who}}' }),
        externalCall('Call'),
        messageEnd(),
      ]),
    ],
  })
  const report = checkBundle(bundle, catalog)
  assert.equal(report.supported, true)
  assert.deepEqual(
    report.notes.map(({ code, place }) => [code, place.element, place.property]),
    [
      ['flow.propertyUndeclared', 'MessageFlow_1', 'urlPath'],
      ['flow.propertyUndeclared', 'Set', 'strange'],
      ['flow.parameterUnknown', 'Set', 'strange'],
      ['flow.parameterEmpty', undefined, 'Needed'],
    ],
  )
  assert.ok(
    !checkBundle(bundle, catalog, { Needed: 'x', Who: 'y' }).notes.some(({ code }) =>
      code.startsWith('flow.parameter'),
    ),
  )
})

test('other artifacts are supported when they can be read', async () => {
  const report = async (type: 'ScriptCollection' | 'ValueMapping', files: Record<string, string>) =>
    checkBundle(await readBundle(await artifactBundle(type, 'X', files)), catalog)
  assert.equal((await report('ScriptCollection', {})).supported, true)
  assert.equal((await report('ValueMapping', { 'value_mapping.xml': '<vm/>' })).supported, true)
  assert.deepEqual(
    (await report('ValueMapping', {})).problems.map(({ code }) => code),
    ['flow.valueMappingInvalid'],
  )
})
