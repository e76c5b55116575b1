import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog } from '../base/index.ts'
import type { Bundle, CompiledScript, Run } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import { findGroovy, type GroovyChoice } from './groovy.ts'
import {
  createGroovyHost,
  createGroovyVersions,
  createScripts,
  findJava,
  type GroovyHost,
  serviceCalls,
} from './index.ts'
import { scriptFolderOf } from './script-folder.ts'

const java = await findJava(process.env).catch(() => undefined)
const both = await Promise.all([findGroovy('2.4'), findGroovy('4')]).catch(() => undefined)
const isHere = java !== undefined && both !== undefined

describe(`versions of Groovy${isHere ? '' : ' (not both on this machine: nothing to test)'}`, () => {
  if (!isHere) return
  const cacheFolder = temporaryFolder('versions')
  const made: GroovyChoice[] = []
  let wanted: GroovyChoice = '2.4'
  let changes = 0
  let host: GroovyHost
  let script: CompiledScript
  before(async () => {
    const create = (groovy: GroovyChoice): GroovyHost => {
      made.push(groovy)
      return createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls, groovy })
    }
    host = createGroovyVersions({ wanted: () => wanted, create, changed: () => (changes += 1) })
    const says = `message.setBody(GroovySystem.version + (message.getProperty('kept')?.call() ?: ''))`
    const keeps = `message.setProperty('kept', { -> ' with what it kept' })`
    const files = { 'a.groovy': `def processData(message) { ${says}; ${keeps}; message }` }
    const bundle: Bundle = await bundleOf({ id: 'Flow', processes: [], files })
    const given = { language: 'groovy', bundle, file: 'a.groovy', functionName: '', collection: '' } as const
    script = await createScripts({ host, collections: () => undefined }).compile(given)
  })
  after(() => host.close())

  const message = (messageId: string) => {
    const cleanups: (() => void | Promise<void>)[] = []
    const run: Run = testRun({ messageId, cleanups })
    const exchange = new Exchange()
    return {
      async step(): Promise<string> {
        await script.run(exchange, run)
        return exchange.body.text()
      },
      end: () => cleanups.forEach((cleanup) => void cleanup()),
    }
  }
  async function processesAre(count: number): Promise<void> {
    for (
      const end = Date.now() + 5_000;
      host.processes().length !== count;
      await new Promise((go) => setTimeout(go, 20))
    )
      assert.ok(Date.now() < end, `${host.processes().length} processes`)
  }

  it('run side by side while a message ends in the one it began in', async () => {
    const old = message('old')
    assert.match(await old.step(), /^2\.4\.\d+$/)
    wanted = '4'
    const young = message('young')
    assert.match(await young.step(), /^4\./)
    assert.deepEqual([host.processes().length, await host.groovy()], [2, both[1].version])
    // What it kept is an object of its host.
    assert.match(await old.step(), /^2\.4\.\d+ with what it kept$/)
    old.end()
    await processesAre(1)
    assert.match(await young.step(), /^4\..* with what it kept$/)
    young.end()
    assert.deepEqual([made, changes], [['2.4', '4'], 2])
  })

  it('that are wanted again before they have ended go on', async () => {
    const held = message('held')
    await held.step()
    wanted = '2.4'
    const other = message('other')
    await other.step()
    wanted = '4'
    const back = message('back')
    assert.match(await back.step(), /^4\./)
    other.end()
    held.end()
    back.end()
    await processesAre(1)
    assert.deepEqual(made, ['2.4', '4', '2.4'])
  })

  it('that are wanted no more end what they compile', async () => {
    const files = { 'b.groovy': `def processData(message) { ${'message.hashCode();'.repeat(2000)} message }` }
    const folder = scriptFolderOf(await bundleOf({ id: 'Other', processes: [], files }))
    const compiling = host.compile({ folder, file: 'b.groovy', functionName: 'processData' })
    wanted = '2.4'
    const next = message('next')
    assert.match(await next.step(), /^2\.4/)
    await compiling
    next.end()
    await processesAre(1)
  })
})
