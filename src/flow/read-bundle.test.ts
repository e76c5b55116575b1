import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import * as fc from 'fast-check'

import {
  artifactBundle,
  bundleOf,
  type FlowSketch,
  flowBundle,
  flowFiles,
  localProcess,
  mainProcess,
  manifestOf,
  messageEnd,
  messageStart,
  processCall,
  receiverChannel,
  route,
  router,
  senderChannel,
  step,
  externalCall,
  timerStart,
} from '../../test/kit/bundle.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { Fault } from '../base/index.ts'
import { writeZip } from '../formats/index.ts'
import { parseModel } from './parse-model.ts'
import { readBundle } from './read-bundle.ts'

const sketch: FlowSketch = {
  id: 'Orders_v2',
  name: 'Orders, second flow with a name that is longer than one line of a manifest may be',
  version: '1.2.3',
  parameters: { 'Body Size': { value: '40', type: 'xsd:integer', required: true }, Host: 'https://a:1' },
  files: { 'log.groovy': 'def x', 'src/main/resources/xsd/a.xsd': '<x/>' },
  settings: { allowedHeaderList: 'A|B' },
  channels: [
    senderChannel('HTTPS', { urlPath: '/orders' }),
    receiverChannel('HTTP', 'Call', { httpAddressWithoutQuery: '{{Host}}' }, { partner: 'ERP', name: 'toErp' }),
    receiverChannel('HTTP', 'Enrich', {}, { reversed: true }),
  ],
  processes: [
    mainProcess(
      [
        messageStart(),
        router(),
        step('A', 'Script', { subActivityType: 'GroovyScript' }),
        externalCall('Call'),
        messageEnd(),
      ],
      {
        routes: [
          route('Start', 'Router'),
          route('Router', 'Call', 'otherwise'),
          route('Router', 'A', "${header.a} = 'b'"),
          route('A', 'Call'),
          route('Call', 'End'),
        ],
        exception: [step('Handle', 'Enricher')],
      },
    ),
    localProcess('Process_2', [
      externalCall('Enrich', 'contentEnricherWithLookup'),
      processCall('Loop', 'Process_2', { maximum: '{{Max}}', condition: '${property.go} = true' }),
    ]),
    mainProcess([timerStart(), messageEnd('End3')], { id: 'Process_3' }),
  ],
}

test('a bundle is read as what it says it is', async () => {
  const bundle = await bundleOf(sketch)
  assert.equal(bundle.type, 'IntegrationFlow')
  assert.equal(bundle.id, 'Orders_v2')
  assert.equal(bundle.name, sketch.name)
  assert.equal(bundle.version, '1.2.3')
  assert.equal(bundle.manifest.get('SAP-NodeType'), 'IFLMAP')
  assert.equal(bundle.files.get('src/main/resources/script/log.groovy')?.toString(), 'def x')
  assert.deepEqual(bundle.parameters, [
    { name: 'Body Size', value: '40', type: 'xsd:integer', required: true, description: '' },
    { name: 'Host', value: 'https://a:1', type: 'xsd:string', required: false, description: '' },
  ])
})

test('the model holds processes, elements, routes and channels', async () => {
  const { model } = await bundleOf(sketch)
  assert.ok(model)
  assert.equal(model.file, 'src/main/resources/scenarioflows/integrationflow/Orders_v2.iflw')
  assert.equal(model.properties.get('allowedHeaderList'), 'A|B')
  assert.deepEqual(
    model.processes.map(({ id, local, elements }) => [id, local, elements.map((element) => element.id)]),
    [
      ['Process_1', false, ['Start', 'Router', 'A', 'Call', 'End']],
      ['Process_2', true, ['Process_2_Start', 'Enrich', 'Loop', 'Process_2_End']],
      ['Process_3', false, ['Timer', 'End3']],
    ],
  )
  const [main, local, timed] = model.processes
  const gateway = main?.elements[1]
  assert.deepEqual(
    [gateway?.tag, gateway?.outgoing, gateway?.defaultFlow],
    ['exclusiveGateway', ['Process_1_Flow_2', 'Process_1_Flow_3'], 'Process_1_Flow_2'],
  )
  const [, standard, conditional] = main?.sequenceFlows ?? []
  assert.deepEqual([standard?.condition, standard?.expressionType], [undefined, 'XML'])
  assert.deepEqual([conditional?.condition, conditional?.expressionType], ["${header.a} = 'b'", 'NonXML'])
  const script = main?.elements[2]
  assert.deepEqual([script?.activity, script?.subActivity, script?.version], ['Script', 'GroovyScript', '1.0.0'])
  assert.deepEqual(local?.elements[2]?.loop, { maximum: '{{Max}}', condition: '${property.go} = true' })
  assert.deepEqual([timed?.elements[0]?.event, timed?.elements[0]?.activity], ['timer', 'StartTimerEvent'])
  assert.match(timed?.elements[0]?.properties.get('scheduleKey') ?? '', /^<row><cell>triggerType/)
  assert.deepEqual(
    model.channels.map(({ adapter, direction, source, target, version }) => [
      adapter,
      direction,
      source,
      target,
      version,
    ]),
    [
      ['HTTPS', 'Sender', 'Participant_1', 'Start', '1.0.0'],
      ['HTTP', 'Receiver', 'Call', 'Participant_2', '1.0.0'],
      ['HTTP', 'Receiver', 'Participant_3', 'Enrich', '1.0.0'],
    ],
  )
})

test('the exception subprocess belongs to its process and is none of its elements', async () => {
  const main = (await bundleOf(sketch)).model?.processes[0]
  assert.deepEqual(
    main?.exceptionSubprocess?.elements.map(({ id, event }) => [id, event]),
    [
      ['Process_1_Exception_Start', 'error'],
      ['Handle', undefined],
      ['Process_1_Exception_End', 'message'],
    ],
  )
  assert.ok(!main?.elements.some(({ tag }) => tag === 'subProcess'))
})

test('lines are those of the file', async () => {
  const files = flowFiles(sketch)
  const { model } = await bundleOf(sketch)
  const text =
    files
      .get(model?.file ?? '')
      ?.toString()
      .split('\n') ?? []
  const parts = [
    ...(model?.channels ?? []),
    ...(model?.processes ?? []).flatMap((p) => [p, ...p.elements, ...p.sequenceFlows]),
  ]
  assert.ok(parts.length > 20)
  for (const { id, line } of parts) assert.match(text[(line ?? 0) - 1] ?? '', new RegExp(`id="${id}"`))
})

test('an unknown element, a second handler and an embedded subprocess are kept as elements', async () => {
  const files = flowFiles({ id: 'F', processes: [mainProcess([messageStart(), messageEnd()], { exception: [] })] })
  const [file] = [...files.keys()].filter((path) => path.endsWith('.iflw'))
  const handler =
    '<bpmn2:subProcess id="X"><bpmn2:extensionElements><ifl:property><key>activityType</key><value>ErrorEventSubProcessTemplate</value></ifl:property></bpmn2:extensionElements></bpmn2:subProcess>'
  const text = files
    .get(file ?? '')
    ?.toString()
    .replace('</bpmn2:process>', `<bpmn2:userTask id="U"/><bpmn2:subProcess id="S"/>${handler}</bpmn2:process>`)
  const bundle = await readBundle(await writeZip(files.set(file ?? '', Buffer.from(text ?? ''))))
  assert.deepEqual(bundle.model?.processes[0]?.elements.map(({ id, tag }) => [id, tag]).slice(2), [
    ['U', 'userTask'],
    ['S', 'subProcess'],
    ['X', 'subProcess'],
  ])
})

test('a folder reads as its zip does', async () => {
  const root = temporaryFolder('bundle')
  for (const [path, content] of flowFiles(sketch)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  assert.deepEqual(await readBundle(root), await bundleOf(sketch))
})

test('other artifacts have no model', async () => {
  for (const type of ['ScriptCollection', 'MessageMapping', 'ValueMapping'] as const) {
    const bundle = await readBundle(await artifactBundle(type, 'Some_Id', { 'a.groovy': 'x' }))
    assert.deepEqual([bundle.type, bundle.id, bundle.model], [type, 'Some_Id', undefined])
  }
})

const manifest = (change: Partial<Parameters<typeof manifestOf>[0]>) =>
  manifestOf({ id: 'F', name: 'F', version: '1.0.0', type: 'IntegrationFlow', ...change })

const modelPath = 'src/main/resources/scenarioflows/integrationflow/F.iflw'
const bad: readonly (readonly [
  what: string,
  code: string,
  words: RegExp,
  change: (files: Map<string, Buffer>) => void,
])[] = [
  ['no manifest', 'flow.manifestMissing', /it holds .*F\.iflw/, (files) => files.delete('META-INF/MANIFEST.MF')],
  [
    'a broken manifest',
    'formats.manifestMalformed',
    /line 1/,
    (files) => files.set('META-INF/MANIFEST.MF', Buffer.from('x')),
  ],
  [
    'no id',
    'flow.manifestHeaderMissing',
    /Bundle-SymbolicName/,
    (files) => files.set('META-INF/MANIFEST.MF', Buffer.from('SAP-BundleType: IntegrationFlow\n')),
  ],
  [
    'an id with a path',
    'flow.bundleIdInvalid',
    /a\/b/,
    (files) => files.set('META-INF/MANIFEST.MF', manifest({ id: 'a/b' })),
  ],
  [
    'an unknown type',
    'flow.bundleTypeUnknown',
    /OData/,
    (files) => files.set('META-INF/MANIFEST.MF', manifest({ type: 'OData' })),
  ],
  ['no model', 'flow.modelCount', /no \.iflw/, (files) => files.delete(modelPath)],
  ['two models', 'flow.modelCount', /2: .*F\.iflw, other\.iflw/, (files) => files.set('other.iflw', Buffer.from(''))],
  [
    'a model that is no XML',
    'formats.xmlMalformed',
    /line 2/,
    (files) => files.set(modelPath, Buffer.from('<a>\n<b></a>')),
  ],
  [
    'a model that is other XML',
    'flow.modelInvalid',
    /definitions/,
    (files) => files.set(modelPath, Buffer.from('<definitions/>')),
  ],
  [
    'broken parameters',
    'formats.propertiesMalformed',
    /line 1/,
    (files) => files.set('src/main/resources/parameters.prop', Buffer.from('a=\\ux')),
  ],
  [
    'broken definitions',
    'formats.xmlMalformed',
    /not well-formed/,
    (files) => files.set('src/main/resources/parameters.propdef', Buffer.from('<')),
  ],
  [
    'other definitions',
    'flow.definitionsInvalid',
    /parameters/,
    (files) => files.set('src/main/resources/parameters.propdef', Buffer.from('<a/>')),
  ],
]
for (const [what, code, words, change] of bad) {
  test(`refused: ${what}`, async () => {
    const files = flowFiles({ id: 'F', processes: [mainProcess([messageStart(), messageEnd()])] })
    change(files)
    await assert.rejects(
      readBundle(await writeZip(files)),
      (fault: Error & { code?: string; place?: { file?: string } }) => {
        assert.equal(fault.code, code)
        assert.match(fault.message, words)
        if (/^formats|modelInvalid/.test(code)) assert.ok(fault.place?.file !== undefined)
        return true
      },
    )
  })
}

test('parameters may lack a definition, a value, or both files', async () => {
  const files = flowFiles({
    id: 'F',
    processes: [mainProcess([messageStart(), messageEnd()])],
    parameters: { a: '1', b: '2' },
  })
  files.set('src/main/resources/parameters.prop', Buffer.from('b=2\nc=3'))
  const values = async () =>
    (await readBundle(await writeZip(files))).parameters.map(({ name, value }) => [name, value])
  assert.deepEqual(await values(), [
    ['a', ''],
    ['b', '2'],
    ['c', '3'],
  ])
  files.delete('src/main/resources/parameters.propdef')
  assert.deepEqual(await values(), [
    ['b', '2'],
    ['c', '3'],
  ])
  files.delete('src/main/resources/parameters.prop')
  assert.deepEqual(await values(), [])
})

test('a model with a part missing is read or refused, and nothing worse', async () => {
  const { model } = await bundleOf(sketch)
  const text =
    flowFiles(sketch)
      .get(model?.file ?? '')
      ?.toString() ?? ''
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(200), (at, length) => {
      try {
        parseModel('x.iflw', Buffer.from(text.slice(0, at) + text.slice(at + length)))
      } catch (thrown) {
        assert.ok(thrown instanceof Fault, String(thrown))
        assert.equal(thrown.place?.file, 'x.iflw')
      }
    }),
    { numRuns: 200 },
  )
})

test('a zip that is cut off is refused', async () => {
  const zip = await flowBundle(sketch)
  await assert.rejects(readBundle(zip.subarray(0, zip.length - 30)), { code: 'formats.zipUnreadable' })
})
