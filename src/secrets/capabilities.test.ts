import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { type CapabilityManifest, fingerprintOf } from '../flow/index.ts'
import { createSealer } from '../keystore/index.ts'
import { createSecrets, growthOf, type ManifestDeployed, type Secrets } from './index.ts'

const manifest = (...names: readonly string[]): CapabilityManifest => ({
  flowId: 'Orders',
  capabilities: names.map((name) => ({ kind: 'credential', name, basis: 'script', where: 'a.groovy:1' })),
})

describe('what a flow may use', () => {
  let store: ReturnType<typeof inMemoryRegistry>
  let secrets: Secrets
  let audited: string[]
  const open = () =>
    createSecrets({
      store,
      sealer: createSealer({ key: randomBytes(32), tenant: 'default' }),
      clock: { now: () => 7, monotonic: () => 0 },
      audit: {
        record: async ({ action, objectId, attributes }) =>
          void audited.push(`${action} ${objectId} ${attributes?.['by']} ${attributes?.['growth']}`),
      },
    })
  beforeEach(async () => {
    audited = []
    store = inMemoryRegistry()
    secrets = await open()
  })

  const admit = (wanted: CapabilityManifest, given: Partial<ManifestDeployed> = {}): Promise<string> =>
    secrets.capabilities
      .admit({ manifest: wanted, policy: 'approval', deployedBy: 'dev', deployedAt: 1, started: false, ...given })
      .then(
        () => 'admitted',
        (fault: { code: string; message: string }) => `${fault.code}: ${fault.message}`,
      )
  const kept = () => secrets.capabilities.find('Orders')
  const approve = (wanted: CapabilityManifest, by = 'boss', policy: 'approval' | 'fourEyes' = 'approval') =>
    secrets.capabilities.approve('Orders', fingerprintOf(wanted), by, policy)

  it('grows with a deployment where the policy allows it, and is kept over restarts', async () => {
    assert.equal(await admit(manifest('a'), { policy: 'allow' }), 'admitted')
    secrets = await open()
    assert.equal(await admit(manifest('a')), 'admitted')
    assert.match(await admit(manifest('a', 'b')), /^secrets\.capabilitiesUnapproved: .*: credential b \(script/)
    assert.deepEqual(
      growthOf(kept() ?? { artifactId: '' }).map(({ name }) => name),
      ['b'],
    )
  })

  it('of a flow without capabilities needs nobody', async () => {
    assert.equal(await admit(manifest()), 'admitted')
  })

  it('grows with an approval of just this manifest, which is audited', async () => {
    await admit(manifest('a'))
    await admit(manifest('a', 'b'))
    await assert.rejects(approve(manifest('a')), { code: 'secrets.capabilitiesNotWaiting' })
    await approve(manifest('a', 'b'))
    assert.match(await admit(manifest('a', 'c')), /Unapproved/)
    // What was approved was for another version than the one that waits now.
    assert.match(await admit(manifest('a', 'b')), /Unapproved/)
    await approve(manifest('a', 'b'))
    assert.equal(await admit(manifest('a', 'b')), 'admitted')
    assert.deepEqual(kept()?.admitted?.approvedBy, ['boss'])
    assert.equal(audited[0], 'approve Orders boss credential a (script, a.groovy:1); credential b (script, a.groovy:1)')
  })

  it('shrinks without a word, and does not grow back', async () => {
    await admit(manifest('a', 'b'), { policy: 'allow' })
    assert.equal(await admit(manifest('a')), 'admitted')
    assert.match(await admit(manifest('a', 'b')), /Unapproved/)
  })

  it('needs two persons where the policy asks for four eyes', async () => {
    const four = { policy: 'fourEyes' } as const
    await admit(manifest('a'), four)
    await assert.rejects(approve(manifest('a'), 'Dev', 'fourEyes'), { code: 'secrets.capabilitiesSamePerson' })
    assert.match(await admit(manifest('a'), four), /Unapproved/)
    await approve(manifest('a'), 'boss', 'fourEyes')
    // Deployed again by the one who approved it.
    assert.match(await admit(manifest('a'), { ...four, deployedBy: 'boss' }), /Unapproved/)
    assert.equal(await admit(manifest('a'), four), 'admitted')
    assert.deepEqual(kept()?.admitted?.approvedBy, ['boss'])
  })

  it('needs another person where who deployed it approved it under another policy', async () => {
    await admit(manifest('a'))
    await approve(manifest('a'), 'dev')
    assert.match(await admit(manifest('a'), { policy: 'fourEyes' }), /Unapproved/)
  })

  it('is not asked of a deployment that ran before', async () => {
    assert.equal(await admit(manifest('a'), { started: true }), 'admitted')
    assert.equal(await admit(manifest('a')), 'admitted')
  })

  it('stays out when it was rejected, also with the approvals before', async () => {
    await admit(manifest('a'))
    await approve(manifest('a'))
    await secrets.capabilities.reject('Orders', fingerprintOf(manifest('a')), 'boss')
    assert.match(await admit(manifest('a')), /^secrets\.capabilitiesRejected: .*boss rejected/)
    assert.equal(await admit(manifest('a'), { policy: 'allow' }), 'admitted')
    assert.equal(kept()?.waiting, undefined)
  })

  it('is forgotten with the deployment', async () => {
    await admit(manifest('a'), { policy: 'allow' })
    await secrets.capabilities.forget('Orders')
    assert.equal(kept(), undefined)
    assert.match(await admit(manifest('a')), /Unapproved/)
  })

  it('is not written again where nothing changed', async () => {
    await admit(manifest('a'), { policy: 'allow' })
    const before = secrets.revision()
    await admit(manifest('a'))
    assert.equal(secrets.revision(), before)
  })
})
