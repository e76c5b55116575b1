import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import {
  artifactBundle,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  step,
} from '../../test/kit/bundle.ts'
import { receivers, senders } from '../adapters/index.ts'
import { steps } from '../steps/index.ts'
import { type Bundle, createWhereUsed } from './index.ts'

const catalog = { steps, receivers, senders }

const flow = (id: string, credentialName: string, files: Readonly<Record<string, string>> = {}) =>
  flowBundle({
    id,
    files,
    channels: [receiverChannel('HTTP', 'Call', { authenticationMethod: 'Basic', credentialName })],
    processes: [mainProcess([messageStart(), step('Call', 'ExternalCall'), messageEnd()])],
  })

function deployed(contents: Readonly<Record<string, Buffer>>) {
  const types: Record<string, Bundle['type']> = {}
  const generations = new Map(Object.keys(contents).map((id, index) => [id, index]))
  const held = new Map(Object.entries(contents))
  const started = new Map<string, Buffer>()
  let reads = 0
  return {
    types,
    /** A version that does not start: the one before goes on. */
    fail(id: string, content: Buffer) {
      started.set(id, held.get(id) ?? content)
      held.set(id, content)
      generations.set(id, (generations.get(id) ?? 0) + 100)
    },
    redeploy(id: string, content: Buffer) {
      held.set(id, content)
      generations.set(id, (generations.get(id) ?? 0) + 100)
    },
    undeploy: (id: string) => void (held.delete(id), generations.delete(id)),
    reads: () => reads,
    list: async () =>
      [...held.keys()].map((artifactId) => ({
        artifactId,
        type: types[artifactId] ?? ('IntegrationFlow' as const),
        generation: generations.get(artifactId) ?? 0,
        status: started.has(artifactId) ? 'ERROR' : 'STARTED',
      })),
    startedContent: async (id: string) => started.get(id),
    content: async (id: string) => {
      reads++
      return held.get(id)
    },
  }
}

describe('where an alias is used', () => {
  it('is said by flow and place, for model and scripts', async () => {
    const deployments = deployed({
      Orders: await flow('Orders', 'erp', { 'a.groovy': `x.getUserCredential('script-only')` }),
      Other: await flow('Other', 'erp'),
    })
    const whereUsed = createWhereUsed({ deployments, catalog })
    assert.deepEqual(await whereUsed('credential', 'erp'), [
      'flow Orders, channel HTTP (HTTP receiver)',
      'flow Other, channel HTTP (HTTP receiver)',
    ])
    assert.deepEqual(await whereUsed('credential', 'script-only'), ['flow Orders, script a.groovy:1'])
    assert.deepEqual(await whereUsed('key', 'erp'), [])
    assert.deepEqual(await whereUsed('credential', 'ERP'), [])
  })

  it('names nothing for an alias that is drawn when a message runs', async () => {
    const deployments = deployed({ Orders: await flow('Orders', '${property.box}') })
    const whereUsed = createWhereUsed({ deployments, catalog })
    assert.deepEqual(await whereUsed('credential', '*'), [])
  })

  it('counts scripts of a collection for the flow that calls them', async () => {
    const caller = await flowBundle({
      id: 'Caller',
      channels: [],
      processes: [
        mainProcess([
          messageStart(),
          step('Shared', 'Script', { subActivityType: 'GroovyScript', script: 's.groovy', scriptBundleId: 'Scripts' }),
          messageEnd(),
        ]),
      ],
    })
    const scripts = (name: string) =>
      artifactBundle('ScriptCollection', 'Scripts', { 's.groovy': `x.getUserCredential('${name}')` })
    const deployments = deployed({ Caller: caller, Scripts: await scripts('shared') })
    deployments.types['Scripts'] = 'ScriptCollection'
    const whereUsed = createWhereUsed({ deployments, catalog })
    assert.deepEqual(await whereUsed('credential', 'shared'), ['flow Caller, script Scripts/s.groovy:1'])
    deployments.redeploy('Scripts', await scripts('other'))
    assert.deepEqual(await whereUsed('credential', 'shared'), [])
  })

  it('follows deployments, and reads each but once', async () => {
    const deployments = deployed({ Orders: await flow('Orders', 'erp'), Other: await flow('Other', 'crm') })
    const whereUsed = createWhereUsed({ deployments, catalog })
    for (let time = 0; time < 3; time++) await whereUsed('credential', 'erp')
    assert.equal(deployments.reads(), 2)
    deployments.redeploy('Other', await flow('Other', 'erp'))
    assert.equal((await whereUsed('credential', 'erp')).length, 2)
    assert.equal(deployments.reads(), 3)
    deployments.undeploy('Orders')
    assert.equal((await whereUsed('credential', 'erp')).length, 1)
  })

  it('counts what goes on running where a later version did not start', async () => {
    const deployments = deployed({ Orders: await flow('Orders', 'erp') })
    const whereUsed = createWhereUsed({ deployments, catalog })
    deployments.fail('Orders', await flow('Orders', 'crm'))
    assert.equal((await whereUsed('credential', 'erp')).length, 1)
    assert.equal((await whereUsed('credential', 'crm')).length, 1)
  })

  it('a bundle that cannot be read uses nothing', async () => {
    const deployments = deployed({ Broken: Buffer.from('PK'), Orders: await flow('Orders', 'erp') })
    assert.equal((await createWhereUsed({ deployments, catalog })('credential', 'erp')).length, 1)
  })
})
