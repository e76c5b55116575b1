import assert from 'node:assert/strict'
import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import {
  accessTokenType,
  type AuthorizationWorld,
  basicOf,
  claimsIn,
  exchangeType,
  jwtType,
  openAuthorizationWorld,
  password,
  samlType,
} from '../../test/kit/authorization.ts'

const credentials = { grant_type: 'client_credentials' }

describe('the token endpoint', () => {
  let world: AuthorizationWorld
  let client: Awaited<ReturnType<AuthorizationWorld['client']>>
  before(async () => {
    world = await openAuthorizationWorld()
    client = await world.client()
  })
  after(() => world.dispose())

  it('gives a token that says what clients of the original read', async () => {
    const { status, json, headers } = await world.form(credentials, client.basic)
    assert.equal(status, 200)
    assert.equal(json.token_type, 'bearer')
    assert.equal(json.expires_in, 3600)
    assert.equal(json.scope, 'ESBMessaging.send')
    assert.equal(headers.get('cache-control'), 'no-store')
    const claims = claimsIn(json.access_token)
    const { clientId, instance, opened } = client
    assert.equal(claims.jti, json.jti)
    assert.deepEqual(claims.scope, ['ESBMessaging.send'])
    assert.deepEqual([claims.client_id, claims.cid, claims.azp, claims.sub], [clientId, clientId, clientId, clientId])
    assert.deepEqual(claims.aud, [clientId, 'urn:sluice:default'])
    assert.equal(claims.iss, `${world.base()}/oauth/token`)
    assert.equal(claims.zid, 'default')
    assert.equal(claims.grant_type, 'client_credentials')
    assert.equal(claims.ext_attr.serviceinstanceid, instance.id)
    assert.equal(claims.ext_attr.servicekeyid, opened.key.id)
    assert.equal(claims.user_name, undefined)
    assert.equal(claims.exp - claims.iat, 3600)
  })

  it('takes the secret in every place where clients put it', async () => {
    const { clientId: client_id, secret: client_secret } = client
    const query = new URLSearchParams({ ...credentials, client_id, client_secret })
    const escaped = basicOf(encodeURIComponent(client_id), encodeURIComponent(client_secret))
    const answers = [
      await world.form({ ...credentials, client_id, client_secret }),
      await world.form(credentials, { authorization: escaped }),
      await world.call(`/oauth/token?${query}`, { method: 'POST' }),
      await world.call('/oauth2/api/v1/token?grant_type=client_credentials', { method: 'POST', headers: client.basic }),
      await world.form({ ...credentials, client_id, scope: '', unknown: 'x' }, client.basic),
    ]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200],
    )
  })

  it('takes no secret in the address where that is forbidden', async () => {
    const { clientId: client_id, secret: client_secret } = client
    world.policy.secretInQuery = false
    const query = new URLSearchParams({ ...credentials, client_id, client_secret })
    const { status, json } = await world.call(`/oauth/token?${query}`, { method: 'POST' })
    world.policy.secretInQuery = true
    assert.deepEqual([status, json.error], [400, 'invalid_request'])
    assert.equal(world.refusals.at(-1)?.code, 'oauth.queryForbidden')
    assert.ok(!JSON.stringify(world.refusals).includes(client_secret))
  })

  it('takes a certificate of the key, and binds the token to it', async () => {
    const certified = await world.client({}, { name: 'key', type: 'certificate' })
    world.presents('mtls', certified.opened.certificate ?? '')
    const alone = await world.form(credentials, { 'x-peer': 'mtls' })
    const named = await world.form({ ...credentials, client_id: certified.clientId }, { 'x-peer': 'mtls' })
    assert.deepEqual([alone.status, named.status], [200, 200])
    assert.match(claimsIn(named.json.access_token).cnf['x5t#S256'], /^[\w-]{43}$/)
    const other = await world.form({ ...credentials, client_id: client.clientId }, { 'x-peer': 'mtls' })
    assert.deepEqual([other.status, other.json.error], [401, 'invalid_client'])
    const both = await world.form(credentials, { ...client.basic, 'x-peer': 'mtls' })
    assert.equal(both.json.error, 'invalid_client', 'a certificate of another client beside the secret')
    await world.identity.keys.remove(certified.opened.key.id, 'test')
    assert.equal((await world.form(credentials, { 'x-peer': 'mtls' })).status, 401)
  })

  it('takes a JWT signed by the key of a certificate, once', async () => {
    const certified = await world.client({}, { name: 'key', type: 'certificate' })
    const key = createPrivateKey(certified.opened.privateKey ?? '')
    const assertion = (claims: object = {}) => {
      const now = Math.floor(world.clock.now() / 1000)
      const { clientId: id } = certified
      const whole = {
        iss: id,
        sub: id,
        aud: `${world.base()}/oauth/token`,
        exp: now + 60,
        jti: randomUUID(),
        ...claims,
      }
      const encoded = [{ alg: 'RS256' }, whole].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      const signed = encoded.join('.')
      return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
    }
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const ask = (client_assertion: string) =>
      world.form({ ...credentials, client_assertion, client_assertion_type: type })
    const unsigned = (text: string) => text.slice(0, text.lastIndexOf('.'))
    const good = assertion()
    assert.equal((await ask(good)).status, 200)
    const rows: readonly (readonly [string, () => string])[] = [
      ['replay', () => good],
      ['audience', () => assertion({ aud: 'https://other' })],
      ['expired', () => assertion({ exp: 1 })],
      ['expired', () => assertion({ exp: undefined })],
      ['expiry', () => assertion({ exp: Math.floor(world.clock.now() / 1000) + 100_000 })],
      ['subject', () => assertion({ sub: 'other' })],
      ['id', () => assertion({ jti: undefined })],
      ['notBefore', () => assertion({ nbf: Math.floor(world.clock.now() / 1000) + 1000 })],
      ['issuedAt', () => assertion({ iat: Math.floor(world.clock.now() / 1000) + 1000 })],
      ['signature', () => `${unsigned(assertion())}.${Buffer.alloc(256).toString('base64url')}`],
      ['signature', () => assertion({ iss: client.clientId, sub: client.clientId })],
      ['algorithm', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.AA`],
      ['form', () => `${good}A=`],
      ['form', () => 'x'],
    ]
    for (const [check, text] of rows) {
      const { status, json } = await ask(text())
      assert.deepEqual([status, json.error], [401, 'invalid_client'], check)
      assert.match(world.refusals.at(-1)?.reason ?? '', new RegExp(`clientAssertion\\.${check}:`), check)
      world.later(120_000)
    }
  })

  it('gives tokens for users: SAML, JWT and password', async () => {
    for (const [grant_type, more] of [
      [samlType, { assertion: 'user:bob:buyers' }],
      [jwtType, { assertion: 'user:bob:buyers' }],
    ] as const) {
      const { json } = await world.form({ grant_type, ...more }, client.basic)
      const claims = claimsIn(json.access_token)
      assert.deepEqual([claims.user_name, claims.email, claims.origin], ['bob', 'bob@example.com', 'corporate'])
      assert.deepEqual(claims['xs.user.attributes'], { mail: ['bob@example.com'], country: ['DE'] })
      assert.deepEqual(claims['xs.system.attributes'], { 'xs.saml.groups': ['buyers'] })
      assert.deepEqual(claims.scope, ['Orders.read'], 'roles of the group')
    }
    const { json } = await world.form({ grant_type: 'password', username: 'ann', password }, client.basic)
    const claims = claimsIn(json.access_token)
    assert.deepEqual([claims.user_name, claims.origin], ['Ann', 'sluice'])
    assert.deepEqual(claims.scope.toSorted(), ['ESBMessaging.send', 'Orders.read'])
  })

  it('narrows the scope as asked', async () => {
    const grant = { grant_type: 'password', username: 'Ann', password }
    const { json } = await world.form({ ...grant, scope: 'openid Orders.read' }, client.basic)
    assert.equal(json.scope, 'Orders.read')
    const owner = await world.verifier.verify(json.access_token, undefined)
    assert.ok('roles' in owner)
    assert.deepEqual([...owner.roles], ['Orders.read'])
  })

  it('exchanges tokens and keeps the chain of actors', async () => {
    const subject = (await world.form({ grant_type: 'password', username: 'Ann', password }, client.basic)).json
    const second = await world.client({ name: 'second' })
    const third = await world.client({ name: 'third' })
    const exchange = (subject_token: string, basic: { authorization: string }) =>
      world.form({ grant_type: exchangeType, subject_token, subject_token_type: accessTokenType }, basic)
    const once = await exchange(subject.access_token, second.basic)
    assert.equal(once.json.issued_token_type, accessTokenType)
    const twice = await exchange(once.json.access_token, third.basic)
    const claims = claimsIn(twice.json.access_token)
    assert.equal(claims.user_name, 'Ann')
    assert.equal(claims.client_id, third.clientId)
    assert.deepEqual(claims.act, { sub: third.clientId, act: { sub: second.clientId } })
    const owner = await world.verifier.verify(twice.json.access_token, undefined)
    assert.ok('principal' in owner)
    assert.deepEqual(owner.principal.actors, [third.clientId, second.clientId])
    assert.ok(claims.exp <= claimsIn(subject.access_token).exp)
    const own = await world.form({ grant_type: jwtType, assertion: subject.access_token }, second.basic)
    assert.equal(claimsIn(own.json.access_token).user_name, 'Ann', 'a token of ours as JWT bearer assertion')
  })

  it('tells what a token is and takes it back', async () => {
    const { access_token: token } = (await world.form(credentials, client.basic)).json
    const other = await world.client()
    const inspect = async () => (await world.form({ token }, other.basic, '/oauth/introspect')).json
    assert.deepEqual([(await inspect()).active, (await inspect()).scope], [true, 'ESBMessaging.send'])
    assert.equal((await world.form({ token }, other.basic, '/oauth/revoke')).status, 200)
    assert.equal((await inspect()).active, true, 'a token of another client stays')
    const { status, text } = await world.form({ token }, client.basic, '/oauth/revoke')
    assert.deepEqual([status, text], [200, ''])
    assert.deepEqual(await inspect(), { active: false })
    for (const odd of ['x', 'a.b.c', token.slice(0, -2)])
      assert.deepEqual((await world.form({ token: odd }, other.basic, '/oauth/introspect')).json, { active: false })
  })

  it('holds the policy of the tenant for tokens, too', async () => {
    const { identity } = world
    const answer = async () => (await world.form(credentials, client.basic)).json.error
    await identity.tenantPolicy.set({ methods: ['certificate'] }, 'test')
    assert.equal(await answer(), 'invalid_client')
    await identity.tenantPolicy.set({ methods: ['certificate', 'clientSecret'] }, 'test')
    const word = { grant_type: 'password', username: 'Ann', password }
    assert.equal((await world.form(word, client.basic)).json.error, 'invalid_client')
    await identity.tenantPolicy.set({ networks: ['198.51.100.0/24'] }, 'test')
    assert.equal(await answer(), 'access_denied')
    await identity.tenantPolicy.set(
      { networks: [], methods: ['certificate', 'clientSecret', 'password', 'bearer'] },
      'test',
    )
    assert.equal(await answer(), undefined)
  })

  it('uses what the registry says now', async () => {
    const changing = await world.client({ grantTypes: ['client_credentials'], tokenValidity: 3600 })
    const ask = (more: object = {}) => world.form({ ...credentials, ...more }, changing.basic)
    await world.identity.instances.update(changing.instance.id, { tokenValidity: 7200 }, 'test')
    assert.equal((await ask()).json.expires_in, 7200)
    await world.identity.instances.update(changing.instance.id, { grantTypes: [samlType] }, 'test')
    assert.equal((await ask()).json.error, 'unauthorized_client')
    await world.identity.keys.remove(changing.opened.key.id, 'test')
    assert.equal((await ask()).json.error, 'invalid_client')
  })

  it('slows down who guesses', async () => {
    const guessed = await world.client()
    const wrong = { authorization: basicOf(guessed.clientId, 'x'.repeat(40)) }
    const answers = []
    for (let tried = 0; tried < 8; tried++) answers.push((await world.form(credentials, wrong)).status)
    assert.ok(answers.includes(401) && answers.includes(429), String(answers))
    const { status, headers } = await world.form(credentials, guessed.basic)
    assert.equal(status, 429, 'a right secret, too: who guesses must not see it')
    assert.ok(Number(headers.get('retry-after')) > 0)
    world.later(61_000)
    assert.equal((await world.form(credentials, guessed.basic)).status, 200)
  })
})
