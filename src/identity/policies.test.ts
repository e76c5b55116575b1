import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createBuiltInCa, createSealer, readCertificates } from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'
import type { EndpointPolicy, TenantPolicy } from './records.ts'

const certificates = await Promise.all(
  ['First', 'Second'].map(async (name) => {
    const { chain } = await createBuiltInCa({ clock: systemClock, name })
    return String(readCertificates(chain)[0])
  }),
)
const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const store = inMemoryRegistry
let identity: Identity
beforeEach(async () => {
  identity = await createIdentity({ store: store(), sealer, clock: systemClock })
})

describe('the policy of the tenant', () => {
  it('has defaults and changes in part, at once', async () => {
    assert.deepEqual(
      [identity.policy().methods.length, identity.policy().revocation, identity.policy().lockAfter],
      [4, 'off', 0],
    )
    const rates = { client: { perSecond: 5, burst: 10 } } as TenantPolicy['rates']
    const set = await identity.tenantPolicy.set(
      { methods: ['certificate', 'certificate'], networks: ['10.0.0.0/8', '::1', '10.0.0.0/8'], rates },
      'ada',
    )
    assert.deepEqual(set, identity.policy())
    assert.deepEqual(set.methods, ['certificate'])
    assert.deepEqual(set.networks, ['10.0.0.0/8', '::1/128'])
    assert.deepEqual([set.rates.client.burst, set.rates.tenant.burst, set.publicRoots], [10, 0, true])
    assert.ok(!('modifiedBy' in set))
    await identity.tenantPolicy.set({ certificateOutside: ['192.168.0.0/16'] }, 'ada')
    assert.deepEqual(identity.policy().certificateOutside, ['192.168.0.0/16'])
    await identity.tenantPolicy.set({ certificateOutside: undefined }, 'ada')
    assert.equal(identity.policy().certificateOutside, undefined)
    assert.deepEqual(identity.policy().methods, ['certificate'])
  })

  it('asks nothing of bundles until it is said', () => {
    const { lintStop, publishers, requireSignature, groovy, scriptNetworks } = identity.policy()
    assert.deepEqual([lintStop, publishers, requireSignature, groovy, scriptNetworks], [[], [], false, 'auto', []])
  })

  it('keeps what is asked of bundles, each certificate by itself and once', async () => {
    const file = `# Publishers\n${certificates.join('')}`
    const set = await identity.tenantPolicy.set(
      {
        lintStop: ['error', 'print', 'error'],
        publishers: [file, certificates[0] ?? ''],
        requireSignature: true,
        groovy: '4',
        scriptNetworks: ['127.0.0.1', '169.254.0.0/16'],
      },
      'ada',
    )
    assert.deepEqual(set.publishers, certificates)
    assert.deepEqual(
      [set.lintStop, set.requireSignature, set.groovy, set.scriptNetworks],
      [['error', 'print'], true, '4', ['127.0.0.1/32', '169.254.0.0/16']],
    )
    await assert.rejects(identity.tenantPolicy.set({ publishers: [] }, 'ada'), /requireSignature needs publishers/)
    const { publishers } = await identity.tenantPolicy.set({ publishers: [], requireSignature: false }, 'ada')
    assert.deepEqual(publishers, [])
  })

  const bad: readonly (readonly [string, object])[] = [
    ['no methods', { methods: [] }],
    ['an unknown method', { methods: ['saml'] }],
    ['no network', { networks: ['10.0.0.0/33'] }],
    ['a host name', { networks: ['localhost'] }],
    ['a zone', { networks: ['fe80::1%eth0/64'] }],
    ['a text for a list', { certificateOutside: '10.0.0.0/8' }],
    ['a text for true', { publicRoots: 'yes' }],
    ['an unknown check', { revocation: 'maybe' }],
    ['1024 bits', { minimumRsaBits: 1024 }],
    ['a negative rate', { rates: { client: { perSecond: -1, burst: 0 } } }],
    ['half a rate', { rates: { tenant: { perSecond: 1 } } }],
    ['an unknown rate', { rates: { planet: { perSecond: 1, burst: 1 } } }],
    ['too many tries', { lockAfter: 101 }],
    ['an unknown setting', { lockafter: 3 }],
    ['a text for rules', { lintStop: 'print' }],
    ['a rule that can be none', { lintStop: ['no rule!'] }],
    ['a publisher that is no certificate', { publishers: ['-----BEGIN CERTIFICATE-----'] }],
    ['a signature by nobody', { requireSignature: true }],
    ['an unknown Groovy', { groovy: '3' }],
    ['a host for a network', { scriptNetworks: ['localhost'] }],
  ]
  for (const [name, change] of bad)
    it(`${name} is refused`, async () => {
      await assert.rejects(
        identity.tenantPolicy.set(change, 'ada'),
        (fault: { code: string; details: { problems: string[] } }) =>
          fault.code === 'identity.policyInvalid' && fault.details.problems.length === 1,
      )
    })
})

describe('policies of addresses', () => {
  const create = (given: Partial<EndpointPolicy> & { address: string }) =>
    identity.endpointPolicies.create(given, 'ada')

  it('are found by the address in lower case, and hold what was said', async () => {
    await create({
      address: '/HTTP/Orders/*',
      methods: ['certificate', 'bearer'],
      require: 'all',
      networks: ['10.1.2.3'],
    })
    const policy = identity.endpointPolicy('/http/orders/*')
    assert.deepEqual(
      [policy?.require, policy?.networks, policy?.channelCertificates, policy?.rate],
      ['all', ['10.1.2.3/32'], undefined, { perSecond: 0, burst: 0 }],
    )
    await identity.endpointPolicies.update('/http/ORDERS/*', { channelCertificates: 'names' }, 'eve')
    const changed = identity.endpointPolicy('/http/orders/*')
    assert.deepEqual([changed?.channelCertificates, changed?.require, changed?.modifiedBy], ['names', 'all', 'eve'])
    await identity.endpointPolicies.update('/http/orders/*', { methods: undefined, require: 'any' }, 'eve')
    assert.equal(identity.endpointPolicy('/http/orders/*')?.methods, undefined)
    await assert.rejects(create({ address: '/http/orders/*' }), { code: 'identity.endpointPolicyTaken' })
    await identity.endpointPolicies.remove('/http/orders/*', 'ada')
    assert.equal(identity.endpointPolicy('/http/orders/*'), undefined)
    await assert.rejects(identity.endpointPolicies.remove('/http/orders/*', 'ada'), {
      code: 'identity.endpointPolicyUnknown',
    })
  })

  for (const address of ['/http/a', '/http/a/b.c/*', '/cxf/x', '/as2', '/as2/x', '/api/v1', '/http/*'])
    it(`${address} is an address`, async () => assert.equal((await create({ address })).address, address))

  const bad: readonly (readonly [string, Partial<EndpointPolicy>])[] = [
    ...[
      '',
      '/',
      '/http',
      '/http/',
      '/http//a',
      '/http/%2e',
      '/http/a?b',
      '/https/a',
      '/api/v1/x',
      'http/a',
      '/http/*/a',
    ].map((address) => [`the address '${address}'`, { address }] as const),
    ['no methods', { methods: [] }],
    ['an unknown method', { methods: ['basic' as never] }],
    ['all of nothing', { require: 'all' }],
    ['two proofs in one header', { require: 'all', methods: ['bearer', 'clientSecret'] }],
    ['an unknown setting', { method: ['bearer'] } as object],
    ['a rate without an end', { rate: { perSecond: Infinity, burst: 0 } }],
  ]
  for (const [name, given] of bad)
    it(`${name} is refused`, () =>
      assert.rejects(create({ address: '/http/a', ...given }), { code: 'identity.policyInvalid' }))

  it('keep their address', async () => {
    await create({ address: '/http/a' })
    await identity.endpointPolicies.update('/http/a', { address: '/HTTP/A' }, 'ada')
    await assert.rejects(identity.endpointPolicies.update('/http/a', { address: '/http/b' }, 'ada'), {
      code: 'identity.policyInvalid',
    })
  })
})
