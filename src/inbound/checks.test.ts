import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { echo, newCa } from '../../test/kit/front-door.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { systemClock } from '../base/index.ts'
import { createIdentity, type Identity } from '../identity/index.ts'
import { type BuiltInCa, createSealer, readCertificates } from '../keystore/index.ts'
import { newCall } from './call.ts'
import { type Checks, createChecks } from './checks.ts'
import { type Connection, newConnection, presentedOf } from './connection.ts'
import { createCsrf } from './csrf.ts'
import { createRoutes } from './routes.ts'

let now = Date.now()
const clock = { now: () => now, monotonic: () => now }
const csrf = createCsrf({ key: randomBytes(32), clock, cookie: '__Host-sluice-test' })
const routes = createRoutes()
let ca: BuiltInCa
let identity: Identity
let checks: Checks
let registered: Connection
let dispose: () => Promise<void>
let basic = ''
let other = ''
let clientId = ''

const connectionWith = (chain: string) =>
  newConnection('127.0.0.1', presentedOf(readCertificates(chain)[0] as X509Certificate))
const basicOf = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const nobody = () => newConnection('127.0.0.1', undefined)
const callOf = (method: string, path: string, headers: Record<string, string> = {}, connection = nobody()) =>
  newCall(connection, 'integration-flow', method, path, Object.entries(headers).flat())

before(async () => {
  ca = await newCa()
  const tenant = await newTenantStores()
  dispose = tenant.dispose
  const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
  identity = await createIdentity({ store: tenant.stores.identities, sealer, clock: systemClock, ca })
  checks = createChecks({ identity, routes, csrf, clock, anchors: [new X509Certificate(ca.certificate)] })
  const instance = await identity.createInstance({ name: 'a', plan: 'integration-flow', roles: ['One'] }, 'test')
  const secret = await identity.createKey(instance.id, { name: 's', type: 'secret' }, 'test')
  clientId = secret.key.clientId
  basic = basicOf(clientId, secret.secret ?? '')
  const issued = await identity.createKey(instance.id, { name: 'c', type: 'certificate' }, 'test')
  registered = connectionWith(issued.certificate ?? '')
  const stranger = await identity.createInstance({ name: 'b', plan: 'api', roles: ['One'] }, 'test')
  const key = await identity.createKey(stranger.id, { name: 's', type: 'secret' }, 'test')
  other = basicOf(key.key.clientId, key.secret ?? '')
  const { subject = '', issuer = '' } = registered.presented ?? {}
  const listed = (certificates: { subjectDn: string; issuerDn: string }[]) =>
    ({ kind: 'certificate', certificates }) as const
  const one = { kind: 'role', role: 'One' } as const
  routes.swap('Echo', [
    echo({ address: '/one', authorization: one, maxBodySize: 100 }),
    echo({ address: '/two', authorization: { kind: 'role', role: 'Two' } }),
    echo({ address: '/case', authorization: { kind: 'role', role: 'ONE' } }),
    echo({ address: '/csrf', authorization: one, csrfProtected: true }),
    echo({
      address: '/listed',
      authorization: listed([{ subjectDn: subject.replaceAll(',', ', ').toUpperCase(), issuerDn: issuer }]),
    }),
    echo({ address: '/unlisted', authorization: listed([{ subjectDn: subject, issuerDn: subject }]) }),
    echo({ address: '/broken', authorization: listed([{ subjectDn: subject, issuerDn: 'nonsense' }]) }),
    echo({ address: '/nobody', authorization: listed([]) }),
    echo({ address: '/anyone', authorization: { kind: 'identity' } }),
    echo({ base: '/cxf', address: '/soap', authorization: one, protocol: 'SOAP' }),
  ])
})
after(() => dispose())

describe('the table of checks', () => {
  const cases: readonly (readonly [string, () => ReturnType<typeof callOf>, string | undefined])[] = [
    ['secret and role', () => callOf('POST', '/http/one', { Authorization: basic }), undefined],
    [
      'a scheme in another case',
      () => callOf('POST', '/http/one', { authorization: basic.replace('Basic', 'bAsIc') }),
      undefined,
    ],
    ['certificate and role', () => callOf('POST', '/http/one', {}, registered), undefined],
    [
      'certificate and secret of one instance',
      () => callOf('GET', '/http/one', { Authorization: basic }, registered),
      undefined,
    ],
    ['a listed certificate', () => callOf('GET', '/http/listed', {}, registered), undefined],
    ['anyone who is known', () => callOf('GET', '/http/anyone', { Authorization: basic }), undefined],
    ['nobody where anyone known may call', () => callOf('GET', '/http/anyone'), 'identity.credentialMissing'],
    ['GET on a protected route', () => callOf('GET', '/http/csrf', { Authorization: basic }), undefined],
    [
      'the absolute form of a URL',
      () => callOf('GET', 'https://x.example/http/one?a=b', { Authorization: basic }),
      undefined,
    ],

    ['TRACE', () => callOf('TRACE', '/http/one', { Authorization: basic }), 'method.forbidden'],
    ['PROPFIND', () => callOf('PROPFIND', '/http/one', { Authorization: basic }), 'method.forbidden'],
    ['DELETE on SOAP', () => callOf('DELETE', '/cxf/soap', { Authorization: basic }), 'method.forbidden'],
    ['no credential', () => callOf('GET', '/http/one'), 'identity.credentialMissing'],
    ['no credential on an unknown address', () => callOf('GET', '/http/none'), 'identity.credentialMissing'],
    ['an unknown address', () => callOf('GET', '/http/none', { Authorization: basic }), 'route.unknown'],
    ['an empty header', () => callOf('GET', '/http/one', { Authorization: '' }), 'identity.authorizationMalformed'],
    ['a scheme alone', () => callOf('GET', '/http/one', { Authorization: 'Basic' }), 'identity.authorizationMalformed'],
    ['no base64', () => callOf('GET', '/http/one', { Authorization: 'Basic a:b' }), 'identity.authorizationMalformed'],
    ['no colon', () => callOf('GET', '/http/one', { Authorization: 'Basic YWJj' }), 'identity.authorizationMalformed'],
    [
      'two headers',
      () => newCall(nobody(), 'integration-flow', 'GET', '/http/one', ['Authorization', basic, 'authorization', basic]),
      'identity.authorizationMalformed',
    ],
    [
      'a bearer token',
      () => callOf('GET', '/http/one', { Authorization: 'Bearer x.y.z' }),
      'identity.schemeUnsupported',
    ],
    [
      'a wrong secret',
      () => callOf('GET', '/http/one', { Authorization: basicOf(clientId, 'x') }),
      'identity.secretWrong',
    ],
    [
      'an unknown client',
      () => callOf('GET', '/http/one', { Authorization: basicOf('sb-x!sluice', 'x') }),
      'identity.secretWrong',
    ],
    [
      'certificate and wrong secret',
      () => callOf('GET', '/http/one', { Authorization: basicOf(clientId, 'x') }, registered),
      'identity.secretWrong',
    ],
    [
      'certificate and secret of different instances',
      () => callOf('GET', '/http/one', { Authorization: other }, registered),
      'identity.contradictory',
    ],
    ['a key of plan api', () => callOf('GET', '/http/one', { Authorization: other }), 'plan.mismatch'],
    ['another role', () => callOf('GET', '/http/two', { Authorization: basic }), 'role.missing'],
    ['a role in another case', () => callOf('GET', '/http/case', { Authorization: basic }), 'role.missing'],
    [
      'a secret where a certificate is listed',
      () => callOf('GET', '/http/listed', { Authorization: basic }),
      'role.certificateNeeded',
    ],
    [
      'a certificate that is not listed',
      () => callOf('GET', '/http/unlisted', {}, registered),
      'role.certificateNotListed',
    ],
    ['an empty list', () => callOf('GET', '/http/nobody', {}, registered), 'role.certificateNotListed'],
    ['a list that cannot be read', () => callOf('GET', '/http/broken', {}, registered), 'role.undecidable'],
    ['POST without a token', () => callOf('POST', '/http/csrf', { Authorization: basic }), 'csrf.tokenInvalid'],
    [
      'POST with a made-up token',
      () => callOf('POST', '/http/csrf', { Authorization: basic, 'X-CSRF-Token': 'x', Cookie: 'x=y' }),
      'csrf.tokenInvalid',
    ],
    [
      'an announced body that is too large',
      () => callOf('POST', '/http/one', { Authorization: basic, 'Content-Length': '101' }),
      'size.bodyTooLarge',
    ],
  ]
  for (const [name, call, code] of cases)
    it(`${name}: ${code ?? 'passes'}`, () => {
      const refusal = checks.run(call())
      assert.equal(refusal?.code, code)
      assert.ok(refusal === undefined || (refusal.reason.length > 20 && refusal.remedy.length > 10))
      const challenge = refusal?.headers.some(([header]) => header === 'WWW-Authenticate') ?? false
      assert.equal(challenge, refusal?.status === 401)
      // A reason is stored and shown: the secret that was sent must not be in it.
      assert.ok(!JSON.stringify(refusal ?? '').includes(basic.slice(6)))
    })

  it('a token that was issued to the client passes', () => {
    const { token, setCookie } = csrf.issue(clientId, undefined)
    const headers = { Authorization: basic, 'X-CSRF-Token': token, Cookie: setCookie.split(';', 1)[0] ?? '' }
    assert.equal(checks.run(callOf('POST', '/http/csrf', headers)), undefined)
  })

  it('certificates are judged at the time of the call', async () => {
    const connection = connectionWith((await ca.issueClient({ commonName: 'x', days: 1, keySize: 2048 })).chain)
    const call = () => checks.run(callOf('GET', '/http/one', {}, connection))?.code
    const real = now
    assert.equal(call(), 'identity.certificateUnknown')
    now = real + 2 * 86_400_000
    assert.equal(call(), 'certificate.expired')
    now = real - 86_400_000
    assert.equal(call(), 'certificate.notYetValid')
    now = real
  })

  it('a certificate of another CA, or not for clients, is told apart from an unknown one', async () => {
    const foreign = await (await newCa()).issueClient({ commonName: 'x', days: 1, keySize: 2048 })
    const server = await ca.issueServer({ hostNames: [] })
    for (const [chain, code] of [
      [foreign.chain, 'certificate.untrusted'],
      [server.chain, 'certificate.notForClients'],
    ] as const)
      for (const headers of [{}, { Authorization: basic }] as Record<string, string>[])
        assert.equal(checks.run(callOf('GET', '/http/one', headers, connectionWith(chain)))?.code, code)
  })

  it('a registered certificate of another CA is pinned, and passes', async () => {
    const foreign = await (await newCa()).issueClient({ commonName: 'x', days: 1, keySize: 2048 })
    const instance = await identity.createInstance(
      { name: 'foreign', plan: 'integration-flow', roles: ['One'] },
      'test',
    )
    await identity.createKey(
      instance.id,
      { name: 'k', type: 'certificate_external', certificate: foreign.chain },
      'test',
    )
    assert.equal(checks.run(callOf('GET', '/http/one', {}, connectionWith(foreign.chain))), undefined)
  })

  it('what a connection remembers ends with the key, certificate or secret, and with the role', async () => {
    const instance = await identity.createInstance({ name: 'gone', plan: 'integration-flow', roles: ['One'] }, 'test')
    const secret = await identity.createKey(instance.id, { name: 's', type: 'secret' }, 'test')
    const issued = await identity.createKey(instance.id, { name: 'c', type: 'certificate' }, 'test')
    const [plain, withCertificate] = [nobody(), connectionWith(issued.certificate ?? '')]
    const headers = { Authorization: basicOf(secret.key.clientId, secret.secret ?? '') }
    const bySecret = () => checks.run(callOf('GET', '/http/one', headers, plain))?.code
    const byCertificate = () => checks.run(callOf('GET', '/http/one', {}, withCertificate))?.code
    assert.deepEqual(
      [bySecret(), byCertificate(), bySecret(), byCertificate()],
      [undefined, undefined, undefined, undefined],
    )
    await identity.updateInstance(instance.id, { roles: ['Two'] })
    assert.deepEqual([bySecret(), byCertificate()], ['role.missing', 'role.missing'])
    await identity.deleteKey(secret.key.id)
    await identity.deleteKey(issued.key.id)
    assert.deepEqual([bySecret(), byCertificate()], ['identity.secretWrong', 'identity.certificateUnknown'])
  })

  it('the record repeats a client id, and not a secret that was sent in its place', () => {
    const reason = (id: string, secret: string) =>
      checks.run(callOf('GET', '/http/one', { Authorization: basicOf(id, secret) }))?.reason ?? ''
    assert.ok(reason(clientId, 'x').includes(clientId))
    assert.ok(reason('sb-deleted!sluice', 'x').includes('sb-deleted!sluice'))
    assert.ok(!reason('s3cret-s3cret-s3cret', clientId).includes('s3cret'))
  })

  it('a wrong secret on a connection that showed the right one is refused', () => {
    const connection = nobody()
    const run = (header: string) => checks.run(callOf('GET', '/http/one', { Authorization: header }, connection))?.code
    assert.deepEqual(
      [run(basic), run(basicOf(clientId, 'x')), run(basic), run(other)],
      [undefined, 'identity.secretWrong', undefined, 'plan.mismatch'],
    )
  })

  it('a dry run tells the outcome of every row, and leaves open what it cannot know', () => {
    const outcomes = (call: ReturnType<typeof callOf>) =>
      checks.explain(call).map(({ stage, outcome, refused }) => `${stage} ${refused?.code ?? outcome}`)
    assert.deepEqual(outcomes(callOf('POST', '/http/two', { Authorization: basic })), [
      'method passed',
      'certificate passed',
      'identity passed',
      'plan passed',
      'route passed',
      'method passed',
      'role role.missing',
      'csrf passed',
      'size passed',
    ])
    assert.deepEqual(outcomes(callOf('GET', '/http/none')), [
      'method passed',
      'certificate passed',
      'identity identity.credentialMissing',
      'plan open',
      'route route.unknown',
      'method open',
      'role open',
      'csrf open',
      'size open',
    ])
  })
})
