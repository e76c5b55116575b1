import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { type AuthorizationWorld, claimsIn, openAuthorizationWorld, password } from '../../test/kit/authorization.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('the verifier of tokens', () => {
  let world: AuthorizationWorld
  let client: Awaited<ReturnType<AuthorizationWorld['client']>>
  let token = ''
  before(async () => {
    world = await openAuthorizationWorld()
    client = await world.client()
    token = (await world.form({ grant_type: 'client_credentials' }, client.basic)).json.access_token
  })
  after(() => world.dispose())

  const codeOf = async (text: string, fingerprint?: string) => {
    const owner = await world.verifier.verify(text, fingerprint === undefined ? undefined : { fingerprint })
    return 'code' in owner ? owner.code : 'fine'
  }
  const headOf = () => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  /** Signed by the right key, or by another one. */
  function signed(claims: object, header: object = {}, key = world.keys.current().key): string {
    const text = `${part({ ...headOf(), ...header })}.${part({ ...claimsIn(token), ...claims })}`
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }

  it('says whose a token is and until when it counts', async () => {
    const owner = await world.verifier.verify(token, undefined)
    assert.ok('principal' in owner)
    const { principal, roles, plan, method, until } = owner
    assert.deepEqual(
      [principal.method, principal.name, principal.clientId],
      ['bearer', client.clientId, client.clientId],
    )
    assert.deepEqual([[...roles], plan, method], [['ESBMessaging.send'], 'integration-flow', 'bearer'])
    assert.equal(until, claimsIn(token).exp * 1000)
    assert.equal(await codeOf(signed({})), 'fine', 'the tests below change one thing each')
  })

  it('refuses everything that is changed, foreign or unusual', async () => {
    const [head = '', body = '', tail = ''] = token.split('.')
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const hmac = `${part({ ...headOf(), alg: 'HS256' })}.${body}.${tail}`
    const now = Math.floor(Date.now() / 1000)
    const rows: readonly (readonly [string, string])[] = [
      ['malformed', ''],
      ['malformed', 'x'],
      ['malformed', `${head}.${body}`],
      ['malformed', `${head}.${body}.`],
      ['malformed', `${token}.x`],
      ['malformed', `${token}=`],
      ['malformed', ` ${token}`],
      ['malformed', `${head}.${body}.${tail.replaceAll('_', '/')}+`],
      ['malformed', `${head}.${body}.${'A'.repeat(20_000)}`],
      ['malformed', `${part([])}.${body}.${tail}`],
      ['malformed', `${head}.${Buffer.from('{').toString('base64url')}.${tail}`],
      ['malformed', `${head}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.${tail}`],
      ['malformed', signed({}, { crit: ['exp'] })],
      ['malformed', signed({}, { b64: false })],
      ['algorithm', hmac],
      ['algorithm', signed({}, { alg: 'none' })],
      ['algorithm', `${part({ alg: 'none' })}.${body}.AA`],
      ['algorithm', signed({}, { alg: 'es256' })],
      ['algorithm', signed({}, { alg: 'RS256' })],
      ['algorithm', signed({}, { alg: ['ES256'] })],
      ['type', signed({}, { typ: 'at+jwt' })],
      ['type', signed({}, { typ: undefined })],
      ['keyUnknown', signed({}, { kid: 'other' })],
      ['keyUnknown', signed({}, { kid: undefined })],
      ['keyUnknown', signed({}, { kid: '__proto__' })],
      ['signature', signed({}, {}, foreign)],
      ['signature', `${head}.${part({ ...claimsIn(token), scope: ['admin'] })}.${tail}`],
      ['signature', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`],
      ['signature', `${head}.${body}.${Buffer.alloc(70, 1).toString('base64url')}`],
      ['signature', `${head}.${body}.AA`],
      ['claim', signed({ iss: 'https://evil.example' })],
      ['claim', signed({ iss: undefined })],
      ['claim', signed({ zid: 'other' })],
      ['claim', signed({ aud: client.clientId })],
      ['claim', signed({ aud: [client.clientId] })],
      ['claim', signed({ aud: 'urn:sluice:default' })],
      ['claim', signed({ nbf: now + 100 })],
      ['claim', signed({ exp: undefined })],
      ['claim', signed({ exp: String(now + 100) })],
      ['claim', signed({ scope: 'ESBMessaging.send' })],
      ['claim', signed({ jti: undefined })],
      ['expired', signed({ exp: now - 1 })],
      ['notYet', signed({ iat: now + 3600 })],
      ['clientGone', signed({ client_id: 'sb-other!sluice' })],
      ['clientGone', signed({ ext_attr: { ...claimsIn(token).ext_attr, servicekeyid: 'other' } })],
      ['clientGone', signed({ ext_attr: { ...claimsIn(token).ext_attr, serviceinstanceid: 'other' } })],
      ['userGone', signed({ user_name: 'nobody' })],
      ['binding', signed({ cnf: { 'x5t#S256': 'x' } })],
    ]
    for (const [code, text] of rows) assert.equal(await codeOf(text), code, `${code} ${text.slice(0, 100)}`)
  })

  it('binds a token to the certificate it was fetched with', async () => {
    const certified = await world.client({}, { name: 'key', type: 'certificate' })
    world.presents('bound', certified.opened.certificate ?? '')
    const { json } = await world.form({ grant_type: 'client_credentials' }, { 'x-peer': 'bound' })
    const [registered] = world.identity.certificates.list({ kind: 'key', id: certified.opened.key.id })
    assert.equal(await codeOf(json.access_token, registered?.fingerprint), 'fine')
    assert.equal(await codeOf(json.access_token), 'binding')
    assert.equal(await codeOf(json.access_token, 'ab'.repeat(32)), 'binding')
    assert.equal(await codeOf(token, registered?.fingerprint), 'fine', 'one that is not bound counts with any')
  })

  it('follows the registry at once: roles, users, providers, keys', async () => {
    const changing = await world.client({ roles: ['ESBMessaging.send', 'Orders.read'] })
    const own = (await world.form({ grant_type: 'client_credentials' }, changing.basic)).json.access_token
    const pass = { grant_type: 'password', username: 'Ann', password }
    const anns = (await world.form(pass, changing.basic)).json.access_token
    const saml = { grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer', assertion: 'user:bob:buyers' }
    const bobs = (await world.form(saml, changing.basic)).json.access_token
    const rolesOf = async (text: string) => {
      const owner = await world.verifier.verify(text, undefined)
      return 'roles' in owner ? [...owner.roles] : owner.code
    }
    const { identity } = world
    await identity.instances.update(changing.instance.id, { roles: ['ESBMessaging.send'] }, 'test')
    assert.deepEqual(await rolesOf(own), ['ESBMessaging.send'])
    await identity.users.update('Ann', { roles: ['Orders.read'] }, 'test')
    assert.deepEqual(await rolesOf(anns), ['Orders.read'])
    await identity.users.update('Ann', { locked: true }, 'test')
    assert.equal(await rolesOf(anns), 'userGone')
    await identity.users.remove('Ann', 'test')
    assert.equal(await rolesOf(anns), 'userGone')
    assert.deepEqual(await rolesOf(bobs), ['Orders.read'])
    const [provider] = identity.identityProviders.list()
    await identity.identityProviders.update(provider?.id ?? '', { enabled: false }, 'test')
    assert.equal(await rolesOf(bobs), 'providerGone')
    await identity.keys.remove(changing.opened.key.id, 'test')
    assert.equal(await rolesOf(own), 'clientGone')
  })

  it('hears of revocations and new keys of another process', async () => {
    const { createRevocations, createSigningKeys, createTokenVerifier } = await import('./index.ts')
    const { stores, sealer, clock, identity } = world
    const keys = await createSigningKeys({ store: stores.authorization, sealer, clock })
    const revocations = await createRevocations({ store: stores.revokedTokens, clock })
    const issuer = () => `${world.base()}/oauth/token`
    const other = createTokenVerifier({ keys, revocations, identity, issuer, tenant: 'default', clock })
    assert.ok('principal' in (await other.verify(token, undefined)))
    const before = other.revision
    const { jti, exp } = claimsIn(token)
    await world.revocations.revoke(jti, exp * 1000)
    await other.reload()
    assert.ok(other.revision > before)
    const owner = await other.verify(token, undefined)
    assert.ok('code' in owner && owner.code === 'revoked')
    const next = (await world.form({ grant_type: 'client_credentials' }, client.basic)).json.access_token
    await world.keys.rotate(true)
    assert.ok('principal' in (await other.verify(next, undefined)))
    await other.reload()
    const gone = await other.verify(next, undefined)
    assert.ok('code' in gone && gone.code === 'keyUnknown')
  })
})
