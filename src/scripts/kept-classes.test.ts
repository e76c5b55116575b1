import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog } from '../base/index.ts'
import type { Bundle } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import { type ClassCache, createClassCache } from './class-cache.ts'
import { hostClasses } from './host-jar.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from './index.ts'
import { scriptFolderOf } from './script-folder.ts'

const java = await findJava(process.env).catch(() => undefined)

const script = (expression: string): string =>
  `def processData(message) { message.setBody(String.valueOf(${expression})); message }`

const helper = (lines: string): string => `package src.main.resources.script\nclass Helper { ${lines} }`

describe(`kept classes${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  if (java === undefined) return
  const cacheFolder = temporaryFolder('kept')
  const classFolder = join(cacheFolder, 'tenant', 'classes')
  const start = (): GroovyHost => createGroovyHost({ cacheFolder, classFolder, log: silentLog, calls: serviceCalls })
  const flows: Record<string, Bundle> = {}
  let cache: ClassCache
  let host: GroovyHost

  /** Compiled by one host, which runs nothing; what is kept then meets the next host. */
  before(async () => {
    const flow = async (id: string, files: Readonly<Record<string, string>>): Promise<void> => {
      flows[id] = await bundleOf({ id, processes: [], files })
    }
    await flow('One', { 'a.groovy': script(`'one'`) })
    await flow('Other', { 'a.groovy': script(`'other'`) })
    await flow('Changed', { 'a.groovy': script(`'changed'`) })
    const counted = `src.main.resources.script.Helper.next()`
    const files = { 'a.groovy': script(counted), 'b.groovy': script(counted) }
    await flow('Sharing', { ...files, 'Helper.groovy': helper('static int n = 0; static int next() { n += 1 }') })
    for (const [id, word] of [
      ['Left', 'l'],
      ['Right', 'r'],
    ] as const) {
      const uses = script(`new src.main.resources.script.Helper().word() + new Own().word()`)
      const own = `class Own { String word() { '${word}2' } }`
      await flow(id, { 'a.groovy': `${uses}\n${own}`, 'Helper.groovy': helper(`String word() { '${word}1' }`) })
    }
    cache = createClassCache(classFolder, (await hostClasses(java, cacheFolder)).key)
    const first = start()
    for (const bundle of Object.values(flows))
      for (const file of ['a.groovy', 'b.groovy'].filter((name) => scriptFolderOf(bundle).files.has(name)))
        await first.compile({ folder: scriptFolderOf(bundle), file, functionName: 'processData' })
    await first.close()
    host = start()
  })
  after(async () => {
    await host.close()
  })

  const flow = (id: string): Bundle => flows[id] ?? assert.fail(id)

  async function made(id: string, file = 'a.groovy'): Promise<string> {
    const scripts = createScripts({ host, collections: () => undefined })
    const given = { language: 'groovy', bundle: flow(id), file, functionName: '', collection: '' } as const
    const exchange = new Exchange()
    await (await scripts.compile(given)).run(exchange, testRun({ messageId: `m${Math.random()}` }))
    return exchange.body.text()
  }

  it('are run by the next host, which compiles nothing', async () => {
    const others = cache.read(scriptFolderOf(flow('Other'))).get('a.groovy') ?? []
    cache.write(scriptFolderOf(flow('One')), 'a.groovy', others)
    assert.equal(await made('One'), 'other')
  })

  it('are not believed when their file was changed, and are made anew', async () => {
    const folder = scriptFolderOf(flow('Changed'))
    const wanted = cache.read(folder)
    const others = cache.read(scriptFolderOf(flow('Other')))
    assert.equal(wanted.size, 1)
    const places = readdirSync(classFolder, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(classFolder, name),
    )
    const file = places.find((path) => statSync(path).isFile() && readFileSync(path).includes('changed')) ?? ''
    // The digest is that of before, the classes are those of another script.
    cache.write(folder, 'a.groovy', others.get('a.groovy') ?? [])
    const poison = readFileSync(file)
    cache.write(folder, 'a.groovy', wanted.get('a.groovy') ?? [])
    writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 32), poison.subarray(32)]))
    assert.equal(cache.read(folder).size, 0)
    assert.equal(await made('Changed'), 'changed')
  })

  it('of a class that scripts share are one class', async () => {
    assert.deepEqual([...cache.read(scriptFolderOf(flow('Sharing'))).keys()], ['a.groovy', 'b.groovy'])
    assert.deepEqual([await made('Sharing'), await made('Sharing', 'b.groovy'), await made('Sharing')], ['1', '2', '3'])
  })

  it('of the same names in two flows are side by side', async () => {
    for (const id of ['Left', 'Right']) assert.equal(cache.read(scriptFolderOf(flow(id))).size, 1)
    assert.deepEqual([await made('Left'), await made('Right'), await made('Left')], ['l1l2', 'r1r2', 'l1l2'])
  })

  it('are for this user only', () => {
    const found = readdirSync(classFolder, { recursive: true, encoding: 'utf8' }).map((name) => join(classFolder, name))
    const modes = found.map((path) => statSync(path)).map((stat) => [stat.isFile(), stat.mode & 0o777] as const)
    assert.deepEqual(
      new Set(modes.map(([isFile, mode]) => (isFile ? mode === 0o600 : mode === 0o700))),
      new Set([true]),
    )
  })
})
