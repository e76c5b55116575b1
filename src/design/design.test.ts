import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { artifactBundle, flowBundle, mainProcess, messageEnd, messageStart, step } from '../../test/kit/bundle.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { readBundle, type BundleType } from '../flow/index.ts'
import { createDesign, type Design, type DesignStore } from './index.ts'

let now = 1000
let store: DesignStore
let design: Design
let dispose: () => Promise<void>

before(async () => {
  const opened = await newTenantStores()
  store = opened.stores.design
  dispose = opened.dispose
  design = createDesign({ store, clock: { now: () => now, monotonic: () => now } })
  await design.packages.create({ id: 'P', name: 'Package', shortText: 'short' }, 'ann')
})
after(() => dispose())

const flow = (id: string, extra: Partial<Parameters<typeof flowBundle>[0]> = {}) =>
  flowBundle({
    id,
    name: `Flow ${id}`,
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', { bodyType: 'constant', wrapContent: '{{Text}}' }),
        messageEnd(),
      ]),
    ],
    parameters: { Text: 'a', Count: { value: '1', type: 'xsd:integer' }, 'Odd = name': 'x' },
    files: { 'a.groovy': 'old' },
    ...extra,
  })

/** Creates a flow of its own for a test. */
async function created(id: string, extra?: Parameters<typeof flow>[1]) {
  await design.artifacts.create(
    { id, name: `Flow ${id}`, packageId: 'P', type: 'IntegrationFlow', content: await flow(id, extra) },
    'ann',
  )
  return { id, type: 'IntegrationFlow' } as const
}

describe('packages', () => {
  it('keep what they were given, and who changed them when', async () => {
    const made = await design.packages.create({ id: 'Q', name: 'Q', shortText: 's', keywords: 'k' }, 'ann')
    assert.deepEqual([made.mode, made.version, made.createdBy, made.createdAt], ['EDIT_ALLOWED', '1.0.0', 'ann', 1000])
    now = 2000
    await design.packages.update('Q', { name: 'New' }, 'bob')
    const found = await design.packages.get('Q')
    assert.deepEqual(
      [found.name, found.keywords, found.createdAt, found.modifiedBy, found.modifiedAt],
      ['New', 'k', 1000, 'bob', 2000],
    )
    await design.packages.remove('Q')
    await assert.rejects(design.packages.get('Q'), {
      code: 'design.packageMissing',
      message: /Requested entity could not be found/,
    })
  })

  it('name all that is wrong at once', async () => {
    await assert.rejects(design.packages.create({ id: '../x', name: '' }, 'ann'), {
      code: 'design.packageInvalid',
      message: /the id must be .*; Property 'Name' cannot be empty; Property 'ShortText' cannot be empty/,
    })
    await assert.rejects(design.packages.create({ id: 'P', name: 'x', shortText: 'x' }, 'ann'), {
      code: 'design.packageExists',
    })
    await assert.rejects(design.packages.update('P', { name: '' }, 'ann'), { code: 'design.packageInvalid' })
    await assert.rejects(design.packages.remove('none'), { code: 'design.packageMissing' })
  })

  it('that are read-only stay as they are', async () => {
    await created('InReadOnly')
    const value = await design.packages.get('P')
    await store.updatePackage({ ...value, mode: 'READ_ONLY' })
    const ref = { id: 'InReadOnly', type: 'IntegrationFlow' } as const
    for (const change of [
      () => design.packages.update('P', { name: 'x' }, 'bob'),
      () => design.artifacts.remove(ref),
      () => design.artifacts.update(ref, { name: 'x' }, 'bob'),
      () => design.configurations.set(ref, 'Text', 'b', 'bob'),
      () => design.resources.remove(ref, 'a.groovy', 'groovy', 'bob'),
      () => created('Another'),
    ]) {
      await assert.rejects(change, { code: 'design.packageReadOnly' })
    }
    await store.updatePackage(value)
  })
})

describe('artifacts', () => {
  it('show what their manifest and model say', async () => {
    const ref = await created('Facts', { version: '1.2.3' })
    const found = await design.artifacts.get(ref)
    assert.deepEqual([found.name, found.version, found.packageId, found.createdBy], ['Flow Facts', '1.2.3', 'P', 'ann'])
    for (const version of ['active', 'Active', '1.2.3']) assert.ok(await design.artifacts.find({ ...ref, version }))
    assert.equal(await design.artifacts.find({ ...ref, version: '1.0.0' }), undefined)
    assert.equal(await design.artifacts.find({ ...ref, type: 'ValueMapping' }), undefined)
  })

  it('take the id and name that they are created with', async () => {
    await design.artifacts.create(
      { id: 'Copy', name: 'A copy', packageId: 'P', type: 'IntegrationFlow', content: await flow('Original') },
      'ann',
    )
    const bundle = await design.artifacts.bundle({ id: 'Copy', type: 'IntegrationFlow' })
    assert.deepEqual([bundle.id, bundle.name], ['Copy', 'A copy'])
    assert.equal(bundle.files.get('src/main/resources/script/a.groovy')?.toString(), 'old')
  })

  for (const type of ['IntegrationFlow', 'ScriptCollection', 'ValueMapping'] as const satisfies readonly BundleType[]) {
    it(`a ${type} can be created empty, and is read back`, async () => {
      const id = `Empty${type}`
      await design.artifacts.create({ id, name: 'Empty & <new>', packageId: 'P', type }, 'ann')
      const bundle = await design.artifacts.bundle({ id, type })
      assert.deepEqual([bundle.id, bundle.name, bundle.type, bundle.version], [id, 'Empty & <new>', type, '1.0.0'])
      if (type === 'IntegrationFlow') {
        assert.deepEqual(
          bundle.model?.processes.map(({ elements }) => elements.map((element) => element.tag)),
          [['startEvent', 'endEvent']],
        )
        assert.equal((await design.artifacts.get({ id, type })).sender, 'Sender')
      }
    })
  }

  it('are updated with content of their own id and type only', async () => {
    const ref = await created('Updated')
    await design.artifacts.update(ref, { content: await flow('Updated', { version: '1.0.7', name: 'Renamed' }) }, 'bob')
    const found = await design.artifacts.get(ref)
    assert.deepEqual([found.version, found.name, found.createdBy, found.modifiedBy], ['1.0.7', 'Renamed', 'ann', 'bob'])
    await design.artifacts.update(ref, { name: 'By name' }, 'bob')
    assert.equal((await design.artifacts.bundle(ref)).name, 'By name')
    await assert.rejects(design.artifacts.update(ref, { content: await flow('Other') }, 'bob'), {
      code: 'design.idDiffers',
      message: /'Other', not to 'Updated'/,
    })
    const scripts = await artifactBundle('ScriptCollection', 'Updated', { 'a.groovy': '' })
    await assert.rejects(design.artifacts.update(ref, { content: scripts }, 'bob'), { code: 'design.typeDiffers' })
    await assert.rejects(design.artifacts.update(ref, { content: Buffer.from('no zip') }, 'bob'), {
      code: 'formats.zipUnreadable',
    })
    assert.equal((await design.artifacts.get(ref)).version, '1.0.7')
  })

  it('are refused with the reason', async () => {
    const given = { id: 'X', name: 'X', packageId: 'P', type: 'IntegrationFlow' } as const
    const ref = await created('Taken')
    await assert.rejects(design.artifacts.create({ ...given, id: ref.id }, 'ann'), {
      code: 'design.artifactExists',
      message: /in the package 'P'/,
    })
    await assert.rejects(design.artifacts.create({ ...given, packageId: 'none' }, 'ann'), {
      code: 'design.packageMissing',
    })
    await assert.rejects(design.artifacts.create({ ...given, id: 'a/b', name: '' }, 'ann'), {
      code: 'design.artifactInvalid',
      message: /the id.*; Property 'Name'/,
    })
    await assert.rejects(design.artifacts.create({ ...given, type: 'MessageMapping' }, 'ann'), {
      code: 'design.contentMissing',
    })
    await assert.rejects(design.artifacts.create({ ...given, type: 'ValueMapping', content: await flow('X') }, 'ann'), {
      code: 'design.typeDiffers',
    })
    await assert.rejects(design.artifacts.remove({ id: 'none', type: 'IntegrationFlow' }), {
      code: 'design.artifactMissing',
    })
  })

  it('are saved as versions that grow', async () => {
    const ref = await created('Versions', { version: '1.0.9' })
    await design.artifacts.saveAsVersion(ref, '1.0.10', 'bob')
    assert.equal((await design.artifacts.get(ref)).version, '1.0.10')
    assert.equal((await design.artifacts.bundle(ref)).version, '1.0.10')
    await assert.rejects(design.artifacts.saveAsVersion(ref, '1.0.9', 'bob'), { code: 'design.versionLower' })
    await assert.rejects(design.artifacts.saveAsVersion(ref, 'next', 'bob'), { code: 'design.versionInvalid' })
    await assert.rejects(design.artifacts.saveAsVersion({ ...ref, type: 'ValueMapping' }, '2.0.0', 'bob'), {
      code: 'design.artifactMissing',
    })
  })
})

describe('configurations', () => {
  it('change one value and nothing else', async () => {
    const ref = await created('Configured')
    const before = await design.artifacts.bundle(ref)
    await design.configurations.set(ref, 'Odd = name', 'é=1\n#', 'bob')
    const after = await design.artifacts.bundle(ref)
    assert.deepEqual(
      (await design.configurations.list(ref)).map(({ name, value, type }) => [name, value, type]),
      [
        ['Text', 'a', 'xsd:string'],
        ['Count', '1', 'xsd:integer'],
        ['Odd = name', 'é=1\n#', 'xsd:string'],
      ],
    )
    for (const [path, content] of before.files) {
      if (!path.endsWith('parameters.prop')) assert.deepEqual(after.files.get(path), content, path)
    }
    assert.equal((await design.artifacts.get(ref)).version, '1.0.0')
  })

  it('that change at the same time all stay', async () => {
    const ref = await created('Parallel')
    await Promise.all([
      design.configurations.set(ref, 'Text', 'b', 'bob'),
      design.configurations.set(ref, 'Count', '2', 'bob'),
      design.configurations.set(ref, 'Odd = name', 'y', 'bob'),
      assert.rejects(design.configurations.set(ref, 'Count', 'many', 'bob'), { code: 'design.parameterInvalid' }),
    ])
    assert.deepEqual(
      (await design.configurations.list(ref)).map(({ value }) => value),
      ['b', '2', 'y'],
    )
  })

  it('are checked against their type', async () => {
    const ref = await created('Checked', {
      parameters: {
        N: { value: '1', type: 'xsd:integer' },
        B: { value: 'true', type: 'xsd:boolean' },
        R: { value: 'x', required: true },
      },
    })
    for (const [name, value] of [
      ['N', '1.5'],
      ['N', 'x'],
      ['B', 'yes'],
      ['R', ''],
    ] as const) {
      await assert.rejects(
        design.configurations.set(ref, name, value, 'bob'),
        { code: 'design.parameterInvalid' },
        `${name}=${value}`,
      )
    }
    for (const [name, value] of [
      ['N', '-5'],
      ['N', ''],
      ['N', '${header.n}'],
      ['B', 'FALSE'],
      ['R', 'y'],
    ] as const) {
      await design.configurations.set(ref, name, value, 'bob')
    }
    await assert.rejects(design.configurations.set(ref, 'none', 'x', 'bob'), { code: 'design.parameterMissing' })
  })
})

describe('resources', () => {
  it('are listed, created, updated and deleted, and make a draft', async () => {
    const ref = await created('Resources')
    const names = async () =>
      (await design.resources.list(ref)).map(({ name, type, content }) => [name, type, content.toString()])
    assert.deepEqual(await names(), [['a.groovy', 'groovy', 'old']])
    await design.resources.create(ref, { name: 'map.xsl', type: 'xslt', content: Buffer.from('<x/>') }, 'bob')
    await design.resources.update(ref, 'a.groovy', 'groovy', Buffer.from('new'), 'bob')
    assert.deepEqual(await names(), [
      ['a.groovy', 'groovy', 'new'],
      ['map.xsl', 'xslt', '<x/>'],
    ])
    assert.ok((await design.artifacts.bundle(ref)).files.has('src/main/resources/mapping/map.xsl'))
    await design.resources.remove(ref, 'map.xsl', 'xslt', 'bob')
    assert.deepEqual(await names(), [['a.groovy', 'groovy', 'new']])
    const draft = await design.artifacts.get(ref)
    assert.deepEqual([draft.version, draft.modifiedBy], ['Active', 'bob'])
    assert.ok(await design.artifacts.find({ ...ref, version: 'active' }))
    await design.artifacts.saveAsVersion(ref, '1.0.0', 'bob')
    assert.equal((await design.artifacts.get(ref)).version, '1.0.0')
  })

  it('are refused with the reason', async () => {
    const ref = await created('Refused')
    const content = Buffer.from('x')
    for (const [name, type, code] of [
      ['a.groovy', 'groovy', 'design.resourceExists'],
      ['../b.groovy', 'groovy', 'design.resourceInvalid'],
      ['b.groovy', 'js', 'design.resourceInvalid'],
      ['b.txt', 'txt', 'design.resourceInvalid'],
      ['b.iflw', 'constructor', 'design.resourceInvalid'],
      ['.groovy', 'groovy', 'design.resourceInvalid'],
    ] as const) {
      await assert.rejects(design.resources.create(ref, { name, type, content }, 'bob'), { code }, name)
    }
    await assert.rejects(design.resources.update(ref, 'none.groovy', 'groovy', content, 'bob'), {
      code: 'design.resourceMissing',
    })
    await assert.rejects(design.resources.remove(ref, 'a.groovy', 'js', 'bob'), { code: 'design.resourceMissing' })
    await design.artifacts.create({ id: 'Scripts', name: 'Scripts', packageId: 'P', type: 'ScriptCollection' }, 'ann')
    const scripts = { id: 'Scripts', type: 'ScriptCollection' } as const
    await assert.rejects(design.resources.create(scripts, { name: 'x.xsd', type: 'xsd', content }, 'bob'), {
      code: 'design.resourceInvalid',
    })
    await design.resources.create(scripts, { name: 'x.js', type: 'js', content }, 'bob')
  })
})

describe('whole packages', () => {
  it('travel to another tenant and come back unchanged', async () => {
    await design.packages.create(
      { id: 'Travel', name: 'Travel & more', shortText: 's', description: 'd', keywords: 'a,b' },
      'ann',
    )
    const given = { name: 'Flow T1', packageId: 'Travel', type: 'IntegrationFlow', description: 'one' } as const
    await design.artifacts.create({ ...given, id: 'T1', content: await flow('T1') }, 'ann')
    await design.artifacts.create({ id: 'T2', name: 'T2', packageId: 'Travel', type: 'ScriptCollection' }, 'ann')
    const zip = await design.transfer.exportPackage('Travel')
    assert.deepEqual(await design.transfer.exportPackage('Travel'), zip)

    const other = await newTenantStores()
    const target = createDesign({ store: other.stores.design, clock: { now: () => 5, monotonic: () => 5 } })
    const imported = await target.transfer.importPackage(zip, { overwrite: false, by: 'eve' })
    assert.deepEqual(
      [imported.name, imported.shortText, imported.keywords, imported.createdBy],
      ['Travel & more', 's', 'a,b', 'eve'],
    )
    const artifacts = await target.artifacts.list({ packageId: 'Travel' })
    assert.deepEqual(
      artifacts.map(({ id, type, name, description }) => [id, type, name, description]),
      [
        ['T1', 'IntegrationFlow', 'Flow T1', 'one'],
        ['T2', 'ScriptCollection', 'T2', ''],
      ],
    )
    assert.deepEqual(
      await target.artifacts.content({ id: 'T1', type: 'IntegrationFlow' }),
      await design.artifacts.content({ id: 'T1', type: 'IntegrationFlow' }),
    )

    await assert.rejects(target.transfer.importPackage(zip, { overwrite: false, by: 'eve' }), {
      code: 'design.packageExists',
    })
    await target.artifacts.update(
      { id: 'T1', type: 'IntegrationFlow' },
      { content: await flow('T1', { version: '9.0.0' }) },
      'eve',
    )
    await target.transfer.importPackage(zip, { overwrite: true, by: 'eve' })
    assert.equal((await target.artifacts.get({ id: 'T1', type: 'IntegrationFlow' })).version, '1.0.0')
    await other.dispose()
  })

  it('are not imported in part', async () => {
    const zip = await design.transfer.exportPackage('Travel')
    await design.packages.remove('Travel')
    await design.artifacts.create({ id: 'T2', name: 'T2', packageId: 'P', type: 'ScriptCollection' }, 'ann')
    await assert.rejects(design.transfer.importPackage(zip, { overwrite: false, by: 'eve' }), {
      code: 'design.artifactExists',
      message: /in the package 'P'/,
    })
    assert.equal(await design.packages.find('Travel'), undefined)
    assert.equal(await store.artifact('T1'), undefined)
  })

  it('are not exported with drafts', async () => {
    await design.packages.create({ id: 'Drafts', name: 'Drafts', shortText: 's' }, 'ann')
    await design.artifacts.create({ id: 'D1', name: 'D1', packageId: 'Drafts', type: 'ScriptCollection' }, 'ann')
    await design.resources.create(
      { id: 'D1', type: 'ScriptCollection' },
      { name: 'a.js', type: 'js', content: Buffer.of() },
      'ann',
    )
    await assert.rejects(design.transfer.exportPackage('Drafts'), { code: 'design.draftInPackage', message: /D1/ })
    await assert.rejects(design.transfer.importPackage(await flow('X'), { overwrite: false, by: 'eve' }), {
      code: 'flow.packageInvalid',
    })
  })

  it('hold bundles that can be read on their own', async () => {
    const { files } = await readBundle(await design.artifacts.content({ id: 'D1', type: 'ScriptCollection' }))
    assert.ok(files.has('src/main/resources/script/a.js'))
  })
})
