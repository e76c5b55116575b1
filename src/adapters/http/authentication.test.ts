import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'

import { receiverCalls } from '../../../test/kit/receiver-calls.ts'
import { lentKey, principal, receiverWorld, type ReceiverWorld } from '../../../test/kit/receiver-world.ts'
import { declareFaults, systemClock } from '../../base/index.ts'
import type { Principal, Run } from '../../flow/index.ts'
import { createBuiltInCa } from '../../keystore/index.ts'
import { Exchange } from '../../message/index.ts'

type Properties = Readonly<Record<string, string>>

describe('authentication at a receiver', () => {
  let world: ReceiverWorld
  let kit: ReturnType<typeof receiverCalls>
  before(async () => {
    world = await receiverWorld()
    kit = receiverCalls(world)
  })
  after(() => world[Symbol.asyncDispose]())
  beforeEach(() => world.reset())

  const client = { authenticationMethod: 'OAuth2 Client Credentials', credentialName: 'Client' }
  const propagation = { authenticationMethod: 'Principal Propagation', privateKeyAlias: 'users' }

  it('client credentials go where the material says', async () => {
    const custom = JSON.stringify([
      { key: 'tenant', value: 't-1', sendAsPartOf: 'url' },
      { key: 'X-Extra', value: 'h', sendAsPartOf: 'header' },
      { key: 'response_type', value: 'token', sendAsPartOf: 'body' },
    ])
    const basicValue = `Basic ${Buffer.from('c-1:s3cret%2B%2F%C3%A4').toString('base64')}`
    const cases: readonly [shown: Properties, query: object, body: object, authorization: string | undefined][] = [
      [{}, {}, { grant_type: 'client_credentials', client_id: 'c-1', client_secret: 's3cret+/ä' }, undefined],
      [
        { grantType: 'url', clientAuthentication: 'header', scope: 'a b', resource: 'r', audience: 'u' },
        { grant_type: 'client_credentials' },
        { scope: 'a b', resource: 'r', audience: 'u' },
        basicValue,
      ],
      [
        { contentType: 'json', customParameters: custom },
        { tenant: 't-1' },
        { response_type: 'token', grant_type: 'client_credentials', client_id: 'c-1', client_secret: 's3cret+/ä' },
        undefined,
      ],
      [{ clientAuthentication: 'none' }, {}, { grant_type: 'client_credentials', client_id: 'c-1' }, undefined],
    ]
    for (const [shown, query, body, authorization] of cases) {
      kit.credential({ shown })
      await using outlet = await kit.open(client)
      assert.equal(await kit.call(outlet, kit.runOf()), 'client')
      const asked = world.asked.at(-1)
      assert.deepEqual(Object.fromEntries(asked?.query ?? []), query)
      assert.deepEqual(Object.fromEntries(asked?.body ?? []), body)
      assert.equal(asked?.headers.authorization, authorization)
      assert.equal(asked?.headers['x-extra'], 'customParameters' in shown ? 'h' : undefined)
      assert.equal(asked?.certificate, undefined)
    }
  })

  it('a client proves itself by a certificate, or by a signed JWT', async () => {
    kit.credential({ shown: { clientAuthentication: 'certificate', keyPairAlias: 'client' } })
    await using byCertificate = await kit.open(client)
    await kit.call(byCertificate, kit.runOf())
    assert.equal(world.asked[0]?.certificate, 'client-1')
    assert.equal(world.asked[0]?.body.has('client_secret'), false)

    kit.credential({ shown: { clientAuthentication: 'privateKeyJwt', keyPairAlias: 'client' } })
    await using byJwt = await kit.open(client)
    const reader = kit.readerOf('c-1')
    world.userOf = ({ body }) => reader('jwt', body.get('client_assertion') ?? '')
    assert.equal(await kit.call(byJwt, kit.runOf()), 'c-1')
    assert.equal(world.asked[1]?.body.get('client_assertion_type')?.split(':').at(-1), 'jwt-bearer')
  })

  it('JWT bearer and token exchange carry the user who called', async () => {
    const read = kit.readerOf('c-1')
    world.userOf = ({ body }) => read('jwt', body.get('assertion') ?? body.get('subject_token') ?? '')
    kit.credential({ shown: { clientAuthentication: 'none', keyPairAlias: 'client', audience: 'target.example' } })
    for (const authenticationMethod of ['OAuth2 JWT Bearer', 'OAuth2 Token Exchange']) {
      await using outlet = await kit.open({ authenticationMethod, credentialName: 'Client' })
      assert.equal(await kit.call(outlet, kit.runOf(principal('anna'))), 'anna')
      assert.equal(await kit.call(outlet, kit.runOf(principal('bert'))), 'bert')
    }
    assert.equal(world.asked[2]?.body.get('subject_token_type'), 'urn:ietf:params:oauth:token-type:jwt')
  })

  it('SAML bearer makes an assertion for each kind of target', async () => {
    const token = { assertionValidity: '300', audience: 'target.example', keyPairAlias: 'client', issuer: 'sluice' }
    const cases: readonly [shown: Properties, secret: Properties, who: Principal, user: string, header: boolean][] = [
      [
        { targetSystemType: 'successfactors', companyId: 'co', userId: 'principal', userIdSource: 'email' },
        { clientKey: 'api-key' },
        principal('anna', { email: 'anna@example.com' }),
        'anna@example.com',
        false,
      ],
      [
        { targetSystemType: 'successfactors', companyId: 'co', userId: 'commonName' },
        { clientKey: 'api-key' },
        principal('anna'),
        'client-1',
        false,
      ],
      [
        { targetSystemType: 'cf', userId: 'principal', tokenServiceUser: 'sb-1' },
        { tokenServicePassword: 'pw' },
        principal('bert'),
        'bert',
        true,
      ],
      [
        { targetSystemType: 'generic', userId: 'principal', scope: 'all', nameIdFormat: 'persistent' },
        { clientKey: 'id-1' },
        principal('a <b> & "c"'),
        'a <b> & "c"',
        false,
      ],
    ]
    const read = kit.readerOf('sluice')
    world.userOf = ({ body }) => read('saml', body.get('assertion') ?? '')
    for (const [shown, secret, who, user, header] of cases) {
      kit.credential({ type: 'OAuth2SamlBearerAssertion', shown: { ...token, ...shown }, secret })
      await using outlet = await kit.open({
        authenticationMethod: 'OAuth2 SAML Bearer Assertion',
        credentialName: 'Client',
      })
      assert.equal(await kit.call(outlet, kit.runOf(who)), user)
      const asked = world.asked.at(-1)
      assert.equal(asked?.body.get('grant_type'), 'urn:ietf:params:oauth:grant-type:saml2-bearer')
      assert.equal(asked?.headers.authorization !== undefined, header)
      assert.equal(asked?.body.get('company_id') ?? undefined, shown['companyId'])
    }
  })

  it('an authorization code is used with what the store yields, and asked for anew when it was refused', async () => {
    const issued: (string | undefined)[] = []
    const accessToken = async (_alias: string, _run: Run, refused?: string): Promise<string> => {
      issued.push(refused)
      return refused === undefined ? 'stale' : 'at-fresh'
    }
    const own = kit.lent({ accessToken })
    await using outlet = await kit.open({ authenticationMethod: 'OAuth2 Authorization Code', credentialName: 'Mail' })
    await assert.rejects(kit.call(outlet, kit.runOf(undefined, { services: own })), { code: 'http.failed' })
    assert.deepEqual(issued, [undefined, 'stale'])
  })

  it('a client certificate is shown, and a renewed one from the next call on', async () => {
    let key = world.keys.client
    const own = kit.lent({ keyPair: async () => key })
    await using outlet = await kit.open({ authenticationMethod: 'Client Certificate', privateKeyAlias: 'mine' })
    const calls = (count: number) =>
      Array.from({ length: count }, () => kit.call(outlet, kit.runOf(undefined, { services: own })))
    const before = calls(50)
    await Promise.any(before)
    key = world.keys.renewed
    const behind = calls(50)
    assert.deepEqual(new Set(await Promise.all(before)), new Set(['client-1']))
    assert.deepEqual(new Set(await Promise.all(behind)), new Set(['client-2']))
    await using plain = await kit.open({
      authenticationMethod: 'Client Certificate',
      httpAddressWithoutQuery: 'http://localhost:1/x',
    })
    await assert.rejects(kit.call(plain, kit.runOf()), { code: 'outbound.tlsNeeded' })
  })

  it('a user is propagated as a short-lived certificate, in the handshake or in a header', async () => {
    for (const userCertificateCarrier of ['tls', 'header']) {
      await using outlet = await kit.open({ ...propagation, userCertificateCarrier })
      assert.equal(await kit.call(outlet, kit.runOf(principal('anna'))), 'anna')
      assert.equal(world.served.at(-1)?.headers['ssl_client_cert'] !== undefined, userCertificateCarrier === 'header')
    }
    await using forged = await kit.open({ ...propagation, userCertificateCarrier: 'tls' })
    const exchange = new Exchange({
      headers: [
        ['SSL_CLIENT_CERT', 'forged'],
        ['Authorization', 'Basic Zm9yZ2Vk'],
      ],
    })
    assert.equal(await kit.call(forged, kit.runOf(principal('bert')), exchange), 'bert')
  })

  it('a name of a user cannot add a part to the subject', async () => {
    await using outlet = await kit.open({ ...propagation, userCertificateSubject: 'CN=${name},OU=${mail},O=Acme' })
    for (const name of ['a,O=Evil', '#0c0161', '"quoted"', 'x+CN=admin', 'back\\slash', 'zoë']) {
      await outlet.send(new Exchange(), kit.runOf(principal(name, { mail: 'm' })))
      const { subject } = world.served.at(-1)?.socket.getPeerX509Certificate() ?? {}
      assert.equal(subject?.replaceAll(/\\(.)/g, '$1'), `O=Acme\nOU=m\nCN=${name}`)
    }
  })

  it('without a user to speak for nothing is sent', async () => {
    kit.credential({ shown: { clientAuthentication: 'none', keyPairAlias: 'client' } })
    const jwt = { authenticationMethod: 'OAuth2 JWT Bearer', credentialName: 'Client' }
    const noGrant = () => Promise.reject(new Error('no grant'))
    const cases: readonly [Properties, Principal | undefined, RegExp][] = [
      [jwt, undefined, /nobody called the flow/],
      [jwt, principal(''), /names of a certificate only/],
      [jwt, principal('a\u0000b'), /control characters/],
      [jwt, principal('x'.repeat(257)), /more than 256/],
      [{ ...jwt, authenticationUser: '${header.user}' }, principal('anna'), /yields an empty name/],
      [propagation, undefined, /nobody called the flow/],
      [propagation, principal('x'.repeat(65)), /CN of the certificate would have more than 64/],
      [{ ...propagation, userCertificateSubject: 'CN=${name},E=${mail}' }, principal('anna'), /has no mail/],
    ]
    for (const [properties, who, words] of cases) {
      await using outlet = await kit.open(properties)
      await assert.rejects(kit.call(outlet, kit.runOf(who)), words)
    }
    await using named = await kit.open({ ...jwt, authenticationUser: 'boss' })
    const own = kit.lent({ mayImpersonate: noGrant })
    await assert.rejects(kit.call(named, kit.runOf(principal('anna'), { services: own })), /no grant/)
    assert.deepEqual([world.asked.length, world.served.length], [0, 0])
  })

  it('a flow that may impersonate names the user itself', async () => {
    const read = kit.readerOf('c-1')
    world.userOf = ({ body }) => read('jwt', body.get('assertion') ?? '')
    kit.credential({ shown: { clientAuthentication: 'none', keyPairAlias: 'client' } })
    const asked: string[] = []
    const mayImpersonate = async (alias: string): Promise<void> => void asked.push(alias)
    const own = kit.lent({ mayImpersonate })
    await using outlet = await kit.open({
      authenticationMethod: 'OAuth2 JWT Bearer',
      credentialName: 'Client',
      authenticationUser: '${header.user}',
    })
    const exchange = new Exchange({ headers: [['user', 'carla']] })
    assert.equal(await kit.call(outlet, kit.runOf(principal('anna'), { services: own }), exchange), 'carla')
    assert.deepEqual(asked, ['Client'])
  })

  it('a credential that is not there, or of another type, is named with what is wanted', async () => {
    const { materialUnknown } = declareFaults('test', {
      materialUnknown: { kind: 'missing', message: () => 'none', remedy: '' },
    })
    const types: Readonly<Record<string, string>> = { Box: 'UserCredential' }
    const own = kit.lent({
      oauthCredential: () => Promise.reject(materialUnknown()),
      typeOf: async (_, alias) => types[alias],
    })
    for (const [credentialName, words] of [
      ['', /needs OAuth2 Client Credentials, but its name is empty/],
      ['${header.none}', /its name is empty/],
      ['Gone', /no 'Gone', which should be OAuth2 Client Credentials/],
      ['Box', /needs OAuth2 Client Credentials, but 'Box' is of the type UserCredential/],
    ] as const) {
      await using outlet = await kit.open({ ...client, credentialName })
      await assert.rejects(kit.call(outlet, kit.runOf(undefined, { services: own })), words)
    }
    kit.credential({ type: 'OAuth2SamlBearerAssertion' })
    await using outlet = await kit.open(client)
    await assert.rejects(kit.call(outlet, kit.runOf()), { code: 'outbound.credentialUnfit' })
  })

  it('a server that only the keystore vouches for is trusted, and another one is not', async () => {
    await using outlet = await kit.open({ authenticationMethod: 'Basic', credentialName: 'c' })
    assert.equal(await kit.call(outlet, kit.runOf()), 'user of c')
    const trustedServers = async () => ({ id: '', certificates: [] })
    const own = kit.lent({ trustedServers })
    await assert.rejects(kit.call(outlet, kit.runOf(undefined, { services: own })), { code: 'http.tls' })
  })

  it('a key pair that cannot issue is refused by name', async () => {
    const other = await createBuiltInCa({ clock: systemClock, name: 'Other', days: -1 })
    const cases = [
      [world.keys.client, /none of a CA/],
      [lentKey('users', other), /expired/],
      [undefined, /no key pair 'users'/],
    ] as const
    for (const [key, words] of cases) {
      const own = kit.lent({ keyPair: async () => key })
      await using outlet = await kit.open(propagation)
      await assert.rejects(kit.call(outlet, kit.runOf(principal('anna'), { services: own })), words)
    }
  })
})
