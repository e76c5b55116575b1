import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  bundleOf,
  type FlowSketch,
  flowFiles,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  senderChannel,
  step,
  timerStart,
} from '../../test/kit/bundle.ts'
import { writeZip } from '../formats/index.ts'
import { readBundle } from './read-bundle.ts'
import { resolveModel } from './resolve-model.ts'
import { changeBundle, writeBundle } from './write-bundle.ts'

const sketch: FlowSketch = {
  id: 'F',
  parameters: { cell: 'x', both: 'y', plain: 'z' },
  channels: [senderChannel('HTTPS', { urlPath: '/{{plain}}' })],
  processes: [
    mainProcess([
      messageStart(),
      step('S', 'Enricher', {
        wrapContent: ' <a>\r\n{{both}}&amp;</a> ',
        propertyTable: [modifierRow('p', 'constant', '{{cell}}{{both}}')],
      }),
      messageEnd(),
    ]),
    mainProcess([timerStart(), messageEnd('E2')], { id: 'P2' }),
  ],
  files: { 'a.groovy': 'one', 'unknown/file.bin': Buffer.from([0, 255]) },
}

const manifestPath = 'META-INF/MANIFEST.MF'
const parametersPath = 'src/main/resources/parameters.prop'
const modelPath = 'src/main/resources/scenarioflows/integrationflow/F.iflw'

test('written and read, a bundle is the same, down to its bytes', async () => {
  const bundle = await bundleOf(sketch)
  const zip = await writeBundle(bundle)
  assert.deepEqual(await readBundle(zip), bundle)
  assert.deepEqual(await writeBundle(await readBundle(zip)), zip)
})

test('id, name and version change the manifest and nothing else', async () => {
  const bundle = await bundleOf(sketch)
  const changed = changeBundle(bundle, { id: 'Copy', name: 'A copy', version: '2.0.0' })
  assert.deepEqual([changed.id, changed.name, changed.version], ['Copy', 'A copy', '2.0.0'])
  assert.equal(changed.manifest.get('Bundle-SymbolicName'), 'Copy; singleton:=true')
  assert.equal(changed.manifest.get('SAP-NodeType'), 'IFLMAP')
  for (const [path, content] of bundle.files) if (path !== manifestPath) assert.equal(changed.files.get(path), content)
  assert.throws(() => changeBundle(bundle, { id: 'a;b/../c' }), { code: 'flow.bundleIdInvalid' })
})

test('a parameter is stored escaped where it stands in cells only, and resolves to what was entered', async () => {
  const bundle = await bundleOf(sketch)
  const value = `a < b & "c" &lt; ä`
  const changed = await readBundle(
    await writeBundle(bundle, { parameters: { cell: value, both: 'a < b', plain: value } }),
  )
  const stored = new Map(changed.parameters.map((parameter) => [parameter.name, parameter.value]))
  assert.equal(stored.get('cell'), 'a &lt; b &amp; &quot;c&quot; &amp;lt; ä')
  assert.equal(stored.get('both'), 'a < b')
  assert.equal(stored.get('plain'), value)
  const { model } = resolveModel(changed)
  const properties = model.processes[0]?.elements[1]?.properties
  assert.equal(JSON.parse(properties?.get('propertyTable') ?? '')[0].Value, `${value}a < b`)
  assert.equal(model.channels[0]?.properties.get('urlPath'), `/${value}`)
  assert.match(changed.files.get(parametersPath)?.toString() ?? '', /^#Parameters\n/)
})

test('a property changes in the model, wherever its element stands', async () => {
  const bundle = await bundleOf(sketch)
  const changed = changeBundle(bundle, {
    properties: [
      { element: 'S', key: 'wrapContent', value: '\r\n<new> & "x"\t' },
      { element: 'S', key: 'bodyType', value: 'constant' },
      { element: 'Timer', key: 'scheduleKey', value: '{{When}}' },
      { element: 'MessageFlow_1', key: 'urlPath', value: '/new' },
      { element: 'Collaboration_1', key: 'allowedHeaderList', value: '*' },
    ],
  })
  const element = (id: string) =>
    changed.model?.processes.flatMap(({ elements }) => elements).find((found) => found.id === id)
  assert.equal(element('S')?.properties.get('wrapContent'), '\r\n<new> & "x"\t')
  assert.equal(element('S')?.properties.get('bodyType'), 'constant')
  assert.equal(element('Timer')?.properties.get('scheduleKey'), '{{When}}')
  assert.equal(changed.model?.channels[0]?.properties.get('urlPath'), '/new')
  assert.equal(changed.model?.properties.get('allowedHeaderList'), '*')
  assert.throws(() => changeBundle(bundle, { properties: [{ element: 'none', key: 'a', value: '' }] }), {
    code: 'flow.elementUnknown',
  })
})

test('a change of the model loses nothing that Sluice does not know', async () => {
  const files = flowFiles(sketch)
  const text = files.get(modelPath)?.toString() ?? ''
  const strange = text
    .replace('<bpmn2:process ', '<!-- layout --><?tool x?><bpmn2:process vendor:a="1" xmlns:vendor="urn:v" ')
    .replace('</bpmn2:process>', '<vendor:thing xmlns:vendor="urn:v"><b c="&#10;"/>\r\n</vendor:thing></bpmn2:process>')
  const bundle = await readBundle(await writeZip(files.set(modelPath, Buffer.from(strange))))
  const changed = changeBundle(bundle, { properties: [{ element: 'S', key: 'bodyType', value: 'constant' }] })
  const after = changed.files.get(modelPath)?.toString() ?? ''
  for (const kept of ['<!-- layout -->', '<?tool x?>', 'vendor:a="1"', '<vendor:thing', '<b c="&#10;"/>']) {
    assert.ok(after.includes(kept), kept)
  }
  const back = changeBundle(changed, { properties: [{ element: 'S', key: 'bodyType', value: '' }] })
  assert.deepEqual(back.model?.processes[0]?.sequenceFlows.length, bundle.model?.processes[0]?.sequenceFlows.length)
})

test('resources are replaced, added and deleted; the parts with operations of their own are not', async () => {
  const bundle = await bundleOf(sketch)
  const changed = changeBundle(bundle, {
    files: new Map([
      ['src/main/resources/script/a.groovy', Buffer.from('two')],
      ['src/main/resources/xsd/new.xsd', Buffer.from('<x/>')],
      ['unknown/file.bin', undefined],
    ]),
  })
  assert.equal(changed.files.get('src/main/resources/script/a.groovy')?.toString(), 'two')
  assert.ok(changed.files.has('src/main/resources/xsd/new.xsd'))
  assert.ok(!changed.files.has('unknown/file.bin'))
  assert.equal(bundle.files.get('src/main/resources/script/a.groovy')?.toString(), 'one')
  for (const path of [manifestPath, parametersPath, modelPath, 'other.iflw', '../x', '/x', 'a/', '']) {
    assert.throws(
      () => changeBundle(bundle, { files: new Map([[path, Buffer.alloc(0)]]) }),
      { code: 'flow.changeForbidden' },
      path,
    )
  }
})
