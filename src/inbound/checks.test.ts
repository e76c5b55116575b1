import assert from 'node:assert/strict'
import type { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { echo, newCa, newTenant, type Tenant } from '../../test/kit/front-door.ts'
import { readCertificates } from '../keystore/index.ts'
import { type Call, newCall } from './call.ts'
import { type Connection, newConnection, presentedOf } from './connection.ts'
import type { Refused } from './refusals.ts'

let now = Date.now()
const clock = { now: () => now, monotonic: () => now }
let tenant: Tenant
let registered: Connection
let basic = ''
let other = ''
let clientId = ''
let client = ''

const connectionWith = (chain: string) =>
  newConnection(
    '127.0.0.1',
    presentedOf(readCertificates(chain)[0] as X509Certificate, readCertificates(chain).slice(1)),
  )
const basicOf = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const nobody = () => newConnection('127.0.0.1', undefined)
const callOf = (method: string, path: string, headers: Record<string, string> = {}, connection = nobody()) =>
  newCall(connection, 'integration-flow', method, path, Object.entries(headers).flat())

/** What a listener does with a call. */
async function run(call: Call): Promise<Refused | undefined> {
  const refusal = tenant.checks.arrive(call)
  if (refusal !== undefined) return refusal
  await tenant.authenticator.prove(call)
  return tenant.checks.run(call)
}

before(async () => {
  tenant = await newTenant({ clock })
  const { identity, routes } = tenant
  for (const role of ['One', 'Two', 'ONE']) await tenant.role(role)
  const instance = await tenant.instance({ roles: ['One'] })
  const secret = await identity.keys.create(instance.id, { name: 's', type: 'secret' }, 'test')
  client = `instance ${instance.id}`
  clientId = secret.key.clientId
  basic = basicOf(clientId, secret.secret ?? '')
  const issued = await identity.keys.create(instance.id, { name: 'c', type: 'certificate' }, 'test')
  registered = connectionWith(issued.certificate ?? '')
  const stranger = await tenant.secretKey('api', ['One'])
  other = basicOf(stranger.key.clientId, stranger.secret)
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
      'identity.bearerUnsupported',
    ],
    [
      'a scheme of others',
      () => callOf('GET', '/http/one', { Authorization: 'Digest x' }),
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
    it(`${name}: ${code ?? 'passes'}`, async () => {
      const refusal = await run(call())
      assert.equal(refusal?.code, code)
      assert.ok(refusal === undefined || (refusal.reason.length > 20 && refusal.remedy.length > 10))
      const challenge = refusal?.headers.some(([header]) => header === 'WWW-Authenticate') ?? false
      assert.equal(challenge, refusal?.status === 401)
      // A reason is stored and shown: the secret that was sent must not be in it.
      assert.ok(!JSON.stringify(refusal ?? '').includes(basic.slice(6)))
    })

  it('a token that was issued to the client passes', async () => {
    const { token, setCookie } = tenant.csrf.issue(client, undefined)
    const headers = { Authorization: basic, 'X-CSRF-Token': token, Cookie: setCookie.split(';', 1)[0] ?? '' }
    assert.equal(await run(callOf('POST', '/http/csrf', headers)), undefined)
  })

  it('certificates are judged at the time of the call', async () => {
    const chain = (await tenant.ca.issueClient({ commonName: 'x', days: 1, keySize: 2048 })).chain
    const connection = connectionWith(chain)
    const code = async () => (await run(callOf('GET', '/http/one', {}, connection)))?.code
    const real = now
    assert.equal(await code(), 'identity.certificateUnknown')
    now = real + 2 * 86_400_000
    assert.equal(await code(), 'certificate.expired')
    now = real - 86_400_000
    assert.equal(await code(), 'certificate.notYetValid')
    now = real
  })

  it('a certificate of another CA, or not for clients, is told apart from an unknown one', async () => {
    const foreign = await (await newCa()).issueClient({ commonName: 'x', days: 1, keySize: 2048 })
    const server = await tenant.ca.issueServer({ hostNames: [] })
    for (const [chain, code] of [
      [foreign.chain, 'certificate.untrusted'],
      [readCertificates(foreign.chain)[0]?.toString() ?? '', 'certificate.issuerMissing'],
      [server.chain, 'certificate.notForClients'],
    ] as const)
      for (const headers of [{}, { Authorization: basic }] as Record<string, string>[])
        assert.equal((await run(callOf('GET', '/http/one', headers, connectionWith(chain))))?.code, code)
  })

  it('a registered certificate of another CA is pinned, and passes', async () => {
    const foreign = await (await newCa()).issueClient({ commonName: 'x', days: 1, keySize: 2048 })
    const instance = await tenant.instance({ roles: ['One'] })
    const request = { name: 'k', type: 'certificate_external', certificate: foreign.chain } as const
    await tenant.identity.keys.create(instance.id, request, 'test')
    assert.equal(await run(callOf('GET', '/http/one', {}, connectionWith(foreign.chain))), undefined)
  })

  it('what a connection remembers ends with the key, certificate or secret, and with the role', async () => {
    const { identity } = tenant
    const instance = await tenant.instance({ roles: ['One'] })
    const secret = await identity.keys.create(instance.id, { name: 's', type: 'secret' }, 'test')
    const issued = await identity.keys.create(instance.id, { name: 'c', type: 'certificate' }, 'test')
    const [plain, withCertificate] = [nobody(), connectionWith(issued.certificate ?? '')]
    const headers = { Authorization: basicOf(secret.key.clientId, secret.secret ?? '') }
    const both = async () => [
      (await run(callOf('GET', '/http/one', headers, plain)))?.code,
      (await run(callOf('GET', '/http/one', {}, withCertificate)))?.code,
    ]
    assert.deepEqual([...(await both()), ...(await both())], [undefined, undefined, undefined, undefined])
    await identity.instances.update(instance.id, { roles: ['Two'] }, 'test')
    assert.deepEqual(await both(), ['role.missing', 'role.missing'])
    await identity.keys.remove(secret.key.id, 'test')
    await identity.keys.remove(issued.key.id, 'test')
    assert.deepEqual(await both(), ['identity.secretWrong', 'identity.certificateUnknown'])
  })

  it('a secret that ends at a time ends on connections that remember it', async () => {
    const { key, auth } = await tenant.secretKey('integration-flow', ['One'])
    const connection = nobody()
    const headers = { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
    const code = async () => (await run(callOf('GET', '/http/one', headers, connection)))?.code
    await tenant.identity.keys.rotate(key.id, { overlap: 60_000 }, 'test')
    assert.equal(await code(), undefined)
    now += 60_001
    assert.equal(await code(), 'identity.secretWrong')
    now -= 60_001
  })

  it('what is remembered is proved without waiting', async () => {
    const connection = nobody()
    const prove = () => tenant.authenticator.prove(callOf('GET', '/http/one', { Authorization: basic }, connection))
    await prove()
    assert.equal(prove(), undefined)
    const certified = () => tenant.authenticator.prove(callOf('GET', '/http/one', {}, registered))
    await certified()
    assert.equal(certified(), undefined)
  })

  it('the record repeats a client id, and not a secret that was sent in its place', async () => {
    const reason = async (id: string, secret: string) =>
      (await run(callOf('GET', '/http/one', { Authorization: basicOf(id, secret) })))?.reason ?? ''
    assert.ok((await reason(clientId, 'x')).includes(clientId))
    assert.ok((await reason('sb-deleted!sluice', 'x')).includes('sb-deleted!sluice'))
    assert.ok(!(await reason('s3cret-s3cret-s3cret', clientId)).includes('s3cret'))
  })

  it('a wrong secret on a connection that showed the right one is refused', async () => {
    const connection = nobody()
    const code = async (header: string) =>
      (await run(callOf('GET', '/http/one', { Authorization: header }, connection)))?.code
    assert.deepEqual(
      [await code(basic), await code(basicOf(clientId, 'x')), await code(basic), await code(other)],
      [undefined, 'identity.secretWrong', undefined, 'plan.mismatch'],
    )
  })

  it('a dry run tells the outcome of every row, and leaves open what it cannot know', async () => {
    const outcomes = async (call: Call) => {
      await tenant.authenticator.prove(call, true)
      return tenant.checks.explain(call).map(({ stage, outcome, refused }) => `${stage} ${refused?.code ?? outcome}`)
    }
    assert.deepEqual(await outcomes(callOf('POST', '/http/two', { Authorization: basic })), [
      'network passed',
      'tls passed',
      'method passed',
      'certificate passed',
      'network passed',
      'identity passed',
      'policy passed',
      'rate passed',
      'plan passed',
      'route passed',
      'network passed',
      'method passed',
      'policy passed',
      'role role.missing',
      'csrf passed',
      'size passed',
      'rate passed',
    ])
    assert.deepEqual(
      (await outcomes(newCall(newConnection('', undefined), 'integration-flow', 'POST', '/http/none', []))).filter(
        (each) => !each.endsWith('passed'),
      ),
      [
        'network open',
        'network open',
        'identity identity.credentialMissing',
        'policy open',
        'rate open',
        'plan open',
        'route route.unknown',
        'network open',
        'method open',
        'policy open',
        'role open',
        'csrf open',
        'size open',
        'rate open',
      ],
    )
  })
})
