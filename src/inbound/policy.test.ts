import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { connect } from 'node:tls'

import { type Calling, echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import type { EndpointPolicy, TenantPolicy } from '../identity/index.ts'

let now = Date.now()
let door: FrontDoor
let auth = ''
let other = ''
let tls: { readonly cert: string; readonly key: string }
let both: Calling
const password = 'correct horse battery'

before(async () => {
  door = await openFrontDoor({ clock: { now: () => now, monotonic: () => now } })
  const opened = await door.certificateKey()
  tls = opened.tls
  const { key, secret } = await door.identity.keys.create(opened.instance.id, { name: 's', type: 'secret' }, 'test')
  auth = `${key.clientId}:${secret}`
  both = { ...tls, auth }
  other = (await door.secretKey()).auth
  await door.identity.users.create({ name: 'ada', roles: ['ESBMessaging.send'], password }, 'test')
})
after(() => door.close())

const open: Partial<TenantPolicy> = {
  methods: ['certificate', 'clientSecret', 'password', 'bearer'],
  networks: [],
  certificateOutside: undefined,
  serverNameRequired: false,
  rates: {
    client: { perSecond: 0, burst: 0 },
    endpoint: { perSecond: 0, burst: 0 },
    tenant: { perSecond: 0, burst: 0 },
  },
}
beforeEach(async () => {
  await door.identity.tenantPolicy.set(open, 'test')
  for (const { address } of door.identity.endpointPolicies.list())
    await door.identity.endpointPolicies.remove(address, 'test')
  door.routes.swap('Echo', [echo(), echo({ address: '/Wide/*' })])
  door.refusals.length = 0
})

async function call(calling: Calling, path = '/http/echo') {
  door.refusals.length = 0
  const { status, headers } = await door.call(path, calling)
  return [status, door.refusals[0]?.code, ...(headers['retry-after'] === undefined ? [] : [headers['retry-after']])]
}

describe('the policy', () => {
  type Case = readonly [
    string,
    { readonly tenant?: Partial<TenantPolicy>; readonly endpoint?: Partial<EndpointPolicy> },
    () => Calling,
    number,
    string | undefined,
  ]
  const nobody = (): Calling => ({})
  const bySecret = (): Calling => ({ auth })
  const byPassword = (): Calling => ({ auth: `ada:${password}` })
  const byWrongPassword = (): Calling => ({ auth: 'ada:wrong' })
  const byCertificate = (): Calling => tls
  const byBoth = (): Calling => both

  const cases: readonly Case[] = [
    ['no Basic: a secret', { tenant: { methods: ['certificate'] } }, bySecret, 403, 'policy.methodForbidden'],
    ['no Basic: a certificate', { tenant: { methods: ['certificate'] } }, byCertificate, 200, undefined],
    ['no Basic: a certificate and a secret', { tenant: { methods: ['certificate'] } }, byBoth, 200, undefined],
    ['no passwords', { tenant: { methods: ['clientSecret'] } }, byPassword, 401, 'identity.passwordForbidden'],
    [
      'no passwords, a wrong one',
      { tenant: { methods: ['clientSecret'] } },
      byWrongPassword,
      401,
      'identity.passwordForbidden',
    ],
    ['only passwords', { tenant: { methods: ['password'] } }, byPassword, 200, undefined],
    [
      'only secrets: a certificate',
      { tenant: { methods: ['clientSecret'] } },
      byCertificate,
      403,
      'policy.methodForbidden',
    ],
    ['here', { tenant: { networks: ['127.0.0.0/8'] } }, bySecret, 200, undefined],
    ['elsewhere', { tenant: { networks: ['10.0.0.0/8'] } }, bySecret, 403, 'network.addressForbidden'],
    ['elsewhere, nobody', { tenant: { networks: ['10.0.0.0/8'] } }, nobody, 403, 'network.addressForbidden'],
    [
      'externals need a certificate: inside',
      { tenant: { certificateOutside: ['127.0.0.1/32'] } },
      bySecret,
      200,
      undefined,
    ],
    [
      'externals need a certificate: outside',
      { tenant: { certificateOutside: ['10.0.0.0/8'] } },
      bySecret,
      403,
      'policy.certificateNeeded',
    ],
    ['externals need a certificate: with one', { tenant: { certificateOutside: [] } }, byCertificate, 200, undefined],
    [
      'endpoint for certificates: a secret',
      { endpoint: { methods: ['certificate'] } },
      bySecret,
      403,
      'policy.methodForbidden',
    ],
    [
      'endpoint for certificates: a certificate',
      { endpoint: { methods: ['certificate'] } },
      byCertificate,
      200,
      undefined,
    ],
    [
      'endpoint for either: a secret',
      { endpoint: { methods: ['certificate', 'clientSecret'] } },
      bySecret,
      200,
      undefined,
    ],
    [
      'endpoint for what the tenant forbids',
      { tenant: { methods: ['certificate'] }, endpoint: { methods: ['certificate', 'clientSecret'] } },
      bySecret,
      403,
      'policy.methodForbidden',
    ],
    [
      'endpoint for both: a secret',
      { endpoint: { methods: ['certificate', 'clientSecret'], require: 'all' } },
      bySecret,
      403,
      'policy.methodMissing',
    ],
    [
      'endpoint for both: a certificate',
      { endpoint: { methods: ['certificate', 'clientSecret'], require: 'all' } },
      byCertificate,
      403,
      'policy.methodMissing',
    ],
    [
      'endpoint for both: both',
      { endpoint: { methods: ['certificate', 'clientSecret'], require: 'all' } },
      byBoth,
      200,
      undefined,
    ],
    [
      'endpoint for both, one of which the tenant forbids: both',
      { tenant: { methods: ['certificate'] }, endpoint: { methods: ['certificate', 'clientSecret'], require: 'all' } },
      byBoth,
      403,
      'policy.methodMissing',
    ],
    [
      'endpoint for both: both, of different clients',
      { endpoint: { methods: ['certificate', 'clientSecret'], require: 'all' } },
      () => ({ ...tls, auth: other }),
      401,
      'identity.contradictory',
    ],
    ['endpoint elsewhere', { endpoint: { networks: ['10.0.0.0/8'] } }, bySecret, 403, 'network.addressForbidden'],
    [
      'endpoint elsewhere, nobody',
      { endpoint: { networks: ['10.0.0.0/8'] } },
      nobody,
      401,
      'identity.credentialMissing',
    ],
    ['endpoint here', { endpoint: { networks: ['127.0.0.1/32'] } }, bySecret, 200, undefined],
    [
      'a named server: without a name',
      { tenant: { serverNameRequired: true } },
      byCertificate,
      421,
      'tls.serverNameMissing',
    ],
    [
      'a named server: with one',
      { tenant: { serverNameRequired: true } },
      () => ({ ...tls, servername: 'localhost' }),
      200,
      undefined,
    ],
  ]
  for (const [name, { tenant, endpoint }, calling, status, code] of cases)
    it(`${name}: ${code ?? 'passes'}`, async () => {
      if (tenant) await door.identity.tenantPolicy.set(tenant, 'test')
      if (endpoint) await door.identity.endpointPolicies.create({ address: '/http/echo', ...endpoint }, 'test')
      const options = { host: '127.0.0.1', ...calling() }
      assert.deepEqual(await call(options), [status, code])
      // The same once more: what is remembered must not change the answer.
      assert.deepEqual(await call(options), [status, code])
    })

  it('of an address with /* is found by its name, in any case', async () => {
    await door.identity.endpointPolicies.create({ address: '/HTTP/Wide/*', methods: ['certificate'] }, 'test')
    assert.deepEqual(await call({ auth }, '/http/wide/below'), [403, 'policy.methodForbidden'])
    assert.deepEqual(await call(tls, '/http/wide/below'), [200, undefined])
  })

  it('holds from the next call on, on a connection that was let in', async () => {
    const agent = door.keepAlive()
    assert.deepEqual(await call({ auth, agent }), [200, undefined])
    await door.identity.tenantPolicy.set({ methods: ['certificate'] }, 'test')
    assert.deepEqual(await call({ auth, agent }), [403, 'policy.methodForbidden'])
  })

  it('a resumed session named its server', async () => {
    await door.identity.tenantPolicy.set({ serverNameRequired: true }, 'test')
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      let session: Buffer | undefined
      for (const resumed of [false, true]) {
        const options = { port: door.port, host: '127.0.0.1', servername: 'localhost', ca: door.ca.certificate, ...tls }
        const socket = connect({ ...options, maxVersion, ...(session && { session }) })
        socket.on('session', (made) => (session = made))
        const text = await new Promise<string>((resolve, reject) => {
          socket
            .on('error', reject)
            .on('secureConnect', () => socket.write('GET /http/echo HTTP/1.1\r\nHost: x\r\n\r\n'))
          socket.once('data', (chunk) => resolve(String(chunk)))
        })
        assert.equal(socket.isSessionReused(), resumed)
        assert.match(text, /^HTTP\/1.1 200 /)
        socket.destroy()
      }
    }
  })
})

describe('rates', () => {
  const slow = { perSecond: 0.1, burst: 2 }
  it('of a client: others go on, and Retry-After says when', async () => {
    await door.identity.tenantPolicy.set({ rates: { ...open.rates, client: slow } as TenantPolicy['rates'] }, 'test')
    const answers = [await call({ auth }), await call(tls), await call({ auth })]
    assert.deepEqual(answers, [
      [200, undefined],
      [200, undefined],
      [429, 'rate.clientExceeded', '10'],
    ])
    assert.deepEqual(await call({ auth: other }), [200, undefined])
    now += 10_000
    assert.deepEqual(await call({ auth }), [200, undefined])
  })

  it('of an endpoint: other endpoints go on, and refused calls do not count', async () => {
    await door.identity.endpointPolicies.create({ address: '/http/echo', rate: slow }, 'test')
    for (let n = 0; n < 4; n++) assert.equal((await call({ auth: 'x:y' }))[0], 401)
    assert.deepEqual([await call({ auth }), await call({ auth: other }), await call({ auth })].flat(), [
      200,
      undefined,
      200,
      undefined,
      429,
      'rate.endpointExceeded',
      '10',
    ])
    assert.deepEqual(await call({ auth }, '/http/wide'), [200, undefined])
  })

  it('of every endpoint, and of the tenant', async () => {
    const rates = { ...open.rates, endpoint: slow, tenant: { perSecond: 0.1, burst: 3 } } as TenantPolicy['rates']
    await door.identity.tenantPolicy.set({ rates }, 'test')
    now += 3_600_000
    const codes: unknown[] = []
    for (const path of ['/http/echo', '/http/echo', '/http/echo', '/http/wide', '/http/wide'])
      codes.push((await call({ auth }, path))[1])
    assert.deepEqual(codes, [undefined, undefined, 'rate.endpointExceeded', undefined, 'rate.tenantExceeded'])
    now -= 3_600_000
  })
})
