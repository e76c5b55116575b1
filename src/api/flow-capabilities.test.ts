import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import { newTestApi } from '../../test/kit/api.ts'
import { type CapabilityManifest, fingerprintOf } from '../flow/index.ts'

const manifest: CapabilityManifest = {
  flowId: 'Orders',
  capabilities: [{ kind: 'credential', name: 'ERP', basis: 'script', where: 'a.groovy:1' }],
}
const fingerprint = fingerprintOf(manifest)

describe('capabilities that wait for approval', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  beforeEach(async () => {
    api = await newTestApi()
    const body = await flowBundle({ id: 'Orders', processes: [mainProcess([messageStart(), messageEnd()])] })
    await api.ask('POST /IntegrationRuntimeArtifacts', {
      body,
      headers: { 'content-type': 'application/zip' },
      name: 'dev',
    })
    // As the process of the tenant does.
    const { code, message } = await refused()
    const { generation } = (await api.stores.deployments.find('Orders')) ?? { generation: 0 }
    const fault = { code, message, remedy: '', problems: [] }
    await api.stores.deployments.report({ artifactId: 'Orders', generation, status: 'ERROR', fault, endpoints: [] })
  })
  afterEach(() => api.dispose())

  const admit = () =>
    api.services.secrets.capabilities.admit({
      manifest,
      policy: 'fourEyes',
      deployedBy: 'dev',
      deployedAt: 5,
      started: false,
    })
  const refused = (): Promise<{ code: string; message: string }> =>
    admit().then(
      () => assert.fail('it was let in'),
      (fault: { code: string; message: string }) => fault,
    )
  const row = () => api.read("GET /FlowCapabilities('Orders')")
  const say = async (word: 'Approve' | 'Reject', name: string, about = fingerprint): Promise<number> =>
    (await api.ask(`POST /${word}Capabilities?Id='Orders'&Fingerprint='${about}'`, { name })).status
  const policy = (Capabilities: string, roles?: readonly string[]) =>
    api.ask("PUT /InboundPolicies('tenant')", { body: { Capabilities }, ...(roles && { roles }) })

  it('are shown with what grows', async () => {
    const { Id, Status, Fingerprint, Growth, DeployedBy, Capabilities } = await row()
    assert.deepEqual([Id, Status, Fingerprint, DeployedBy], ['Orders', 'WAITING', fingerprint, 'dev'])
    assert.deepEqual([JSON.parse(Growth), JSON.parse(Capabilities)], [manifest.capabilities, []])
    assert.equal((await api.read('GET /FlowCapabilities')).results.length, 1)
  })

  it('are deployed when they are approved, still as those of who deployed them', async () => {
    const before = await api.stores.deployments.find('Orders')
    assert.equal(await say('Approve', 'boss'), 200)
    const after = await api.stores.deployments.find('Orders')
    assert.equal((after?.generation ?? 0) > (before?.generation ?? 0), true)
    assert.deepEqual([after?.deployedBy, after?.status, api.notified.length], ['dev', 'STARTING', 2])
    await admit()
    assert.deepEqual([(await row()).Status, (await row()).ApprovedBy], ['ADMITTED', 'boss'])
  })

  it('are not approved by who deployed them where the policy asks for four eyes', async () => {
    assert.equal((await policy('fourEyes')).status, 204)
    assert.equal(await say('Approve', 'DEV'), 403)
    assert.equal((await policy('approval')).status, 204)
    assert.equal(await say('Approve', 'dev'), 200)
  })

  it('stay refused when they are rejected, until somebody approves them', async () => {
    assert.equal(await say('Reject', 'boss'), 200)
    assert.deepEqual([(await row()).Status, (await row()).RejectedBy], ['REJECTED', 'boss'])
    assert.match((await refused()).message, /boss rejected it: credential ERP \(script, a\.groovy:1\)/)
    assert.equal(await say('Approve', 'boss'), 200)
    await admit()
  })

  it('are approved as they were seen, or not at all', async () => {
    assert.equal(await say('Approve', 'boss', 'other'), 409)
    assert.equal(await say('Reject', 'boss', 'other'), 409)
    assert.match((await refused()).message, /wants more than what was approved/)
  })

  it('are forgotten with the deployment', async () => {
    assert.equal((await api.ask("DELETE /IntegrationRuntimeArtifacts('Orders')")).status, 202)
    assert.equal((await api.ask("GET /FlowCapabilities('Orders')")).status, 404)
  })

  it('need not be approved only by the word of somebody who could approve', async () => {
    assert.equal((await policy('allow', ['SecurityMaterialEdit'])).status, 403)
    assert.equal((await policy('allow', ['SecurityMaterialEdit', 'FlowCapabilitiesApprove'])).status, 204)
    assert.equal((await policy('sometimes')).status, 400)
  })
})
