import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  artifactBundle,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  packageZip,
  valueMappingText,
} from '../../test/kit/bundle.ts'
import { createReadBudget, readZip, writeZip } from '../formats/index.ts'
import { readAny, readPackage } from './read-package.ts'

const flow = (id: string) => flowBundle({ id, processes: [mainProcess([messageStart(), messageEnd()])] })

const whole = async () =>
  packageZip({ id: 'Orders', name: 'All about orders', vendor: 'ACME' }, [
    { id: 'In', type: 'IFlow', name: 'Inbound', content: await flow('In_Flow') },
    {
      id: 'Scripts',
      type: 'ScriptCollection',
      name: 'Scripts',
      content: await artifactBundle('ScriptCollection', 'Scripts', { 'a.groovy': '1' }),
    },
    {
      id: 'VM',
      type: 'ValueMapping',
      name: 'Values',
      content: await artifactBundle('ValueMapping', 'VM', { 'value_mapping.xml': valueMappingText([]) }),
    },
    { id: 'MM', type: 'MessageMapping', name: 'Mapping', content: await artifactBundle('MessageMapping', 'MM', {}) },
    { id: 'Doc', type: 'File', name: 'Guide', content: Buffer.from('%PDF') },
    { id: 'Web', type: 'Url', name: 'Site' },
  ])

test('a package is read with its artifacts and everything else', async () => {
  const read = await readPackage(await whole())
  assert.deepEqual(
    [read.id, read.name, read.version, read.vendor, read.shortText],
    ['Orders', 'All about orders', '1.2.0', 'ACME', 'Short'],
  )
  assert.deepEqual(read.attributes.get('category'), ['Integration'])
  assert.deepEqual(
    read.artifacts.map(({ type, name, bundle }) => [type, name, bundle.type, bundle.id]),
    [
      ['IFlow', 'Inbound', 'IntegrationFlow', 'In_Flow'],
      ['ScriptCollection', 'Scripts', 'ScriptCollection', 'Scripts'],
      ['ValueMapping', 'Values', 'ValueMapping', 'VM'],
      ['MessageMapping', 'Mapping', 'MessageMapping', 'MM'],
    ],
  )
  assert.deepEqual(
    read.others.map(({ type, name, content }) => [type, name, content?.toString()]),
    [
      ['File', 'Guide', '%PDF'],
      ['Url', 'Site', undefined],
    ],
  )
})

test('a package is told from a bundle, and both from anything else', async () => {
  assert.equal((await readAny(await whole())).kind, 'package')
  assert.equal((await readAny(await flow('F'))).kind, 'bundle')
  await assert.rejects(readAny(await writeZip([['readme.md', Buffer.from('')]])), {
    code: 'flow.contentUnknown',
    message: /readme\.md/,
  })
  await assert.rejects(readAny(Buffer.from('no zip')), { code: 'formats.zipUnreadable' })
})

test('limits hold for the package and what is packed in it together', async () => {
  const zip = await whole()
  const outer = [...(await readZip(zip)).values()].reduce((sum, { length }) => sum + length, 0)
  await assert.rejects(readPackage(zip, createReadBudget({ bytes: outer + 100 })), { code: 'formats.tooLarge' })
  await assert.rejects(readPackage(zip, createReadBudget({ entries: 10 })), { code: 'formats.tooManyEntries' })
})

test('refused: a damaged artifact, named by its entry', async () => {
  const zip = await packageZip({ id: 'P', name: 'P' }, [
    { id: 'F', type: 'IFlow', name: 'F', content: (await flow('F')).subarray(50) },
  ])
  await assert.rejects(readPackage(zip), { place: { file: `${'0'.repeat(32)}_content` } })
  const broken = await artifactBundle('ValueMapping', 'V', { 'META-INF/MANIFEST.MF': 'x' })
  const inner = await packageZip({ id: 'P', name: 'P' }, [
    { id: 'V', type: 'ValueMapping', name: 'V', content: broken },
  ])
  await assert.rejects(readPackage(inner), { code: /formats/ })
})

const bad: readonly (readonly [what: string, content: string | undefined, words: RegExp])[] = [
  ['no directory', undefined, /no resources\.cnt/],
  ['a directory that is no base64 of JSON', '{"resources":[]}', /not base64 of JSON/],
  ['a directory without a list', Buffer.from('{"resources":7}').toString('base64'), /lists no resources/],
  ['no package in it', Buffer.from('{"resources":[null,{"resourceType":1}]}').toString('base64'), /0 packages/],
  [
    'an artifact without content',
    Buffer.from(
      '{"resources":[{"resourceType":"ContentPackage"},{"id":"ab","name":"N","resourceType":"IFlow"}]}',
    ).toString('base64'),
    /'N' \(ab_content\) is missing/,
  ],
]
for (const [what, content, words] of bad) {
  test(`refused: ${what}`, async () => {
    const zip = await writeZip([
      ['other', Buffer.from('')],
      ...(content === undefined ? [] : [['resources.cnt', Buffer.from(content)] as const]),
    ])
    await assert.rejects(readPackage(zip), { code: 'flow.packageInvalid', message: words })
  })
}
