import assert from 'node:assert/strict'
import { createHash, randomBytes, sign } from 'node:crypto'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'

import * as openid from 'openid-client'

import {
  type AuthorizationWorld,
  claimsIn,
  openAuthorizationWorld,
  password,
  redirectUri,
} from '../../test/kit/authorization.ts'
import { serviceKeyDocument } from '../identity/index.ts'

interface SecurityContext {
  readonly checkScope: (scope: string) => boolean
  readonly getAppTID: () => string
  readonly getLogonName: () => string
  readonly getEmail: () => string
  readonly getAttribute: (name: string) => unknown
  readonly getClientId: () => string
}
interface XsuaaService {
  fetchJwks: () => Promise<unknown>
  readonly getTokenUrl: (grant: string) => Promise<URL>
  readonly buildTokenRequest: (grant: string, options: object) => { readonly headers: unknown; readonly body: unknown }
  readonly createSecurityContext: (token: string) => Promise<SecurityContext>
}
const { XsuaaService } = createRequire(import.meta.url)('@sap/xssec') as {
  readonly XsuaaService: new (credentials: object, configuration?: object) => XsuaaService
}

describe('libraries of others', () => {
  let world: AuthorizationWorld
  let client: Awaited<ReturnType<AuthorizationWorld['client']>>
  before(async () => {
    world = await openAuthorizationWorld()
    client = await world.client()
  })
  after(() => world.dispose())

  /** The library, with its fetching of keys turned to the port without TLS. */
  function service(more: object = {}): XsuaaService {
    const credentials = {
      clientid: client.clientId,
      xsappname: client.clientId.slice(3),
      uaadomain: world.base(),
      ...more,
    }
    const made = new XsuaaService(credentials, { validation: { signatureCache: { enabled: false } } })
    made.fetchJwks = async () => (await world.call('/token_keys?zid=default')).json
    return made
  }

  it('@sap/xssec accepts a token of a user and reads what it says', async () => {
    const saml = { grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer', assertion: 'user:bob:buyers' }
    const { access_token: token } = (await world.form(saml, client.basic)).json
    const context = await service().createSecurityContext(token)
    assert.equal(context.checkScope('Orders.read'), true)
    assert.equal(context.checkScope('Orders'), false)
    assert.equal(context.getAppTID(), 'default')
    assert.equal(context.getLogonName(), 'bob')
    assert.equal(context.getEmail(), 'bob@example.com')
    assert.deepEqual(context.getAttribute('country'), ['DE'])
    assert.equal(context.getClientId(), client.clientId)
  })

  it('@sap/xssec refuses eight broken ones', async () => {
    const { access_token: token } = (await world.form({ grant_type: 'client_credentials' }, client.basic)).json
    const [head = '', body = '', tail = ''] = String(token).split('.')
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const header = JSON.parse(Buffer.from(head, 'base64url').toString())
    const own = (claims: object, changed: object = {}) => {
      const text = `${encoded({ ...header, ...changed })}.${encoded({ ...claimsIn(token), ...claims })}`
      const { key } = world.keys.current()
      return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    }
    const broken = [
      `${head}.${encoded({ ...claimsIn(token), scope: ['admin'] })}.${tail}`,
      `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      `${encoded({ ...header, alg: 'none' })}.${body}.`,
      own({}, { kid: 'other' }),
      own({}, { kid: undefined }),
      own({ exp: 1000 }),
      own({ nbf: Math.floor(Date.now() / 1000) + 3600 }),
      own({ aud: ['other'], cid: 'other' }),
    ]
    assert.ok(await service().createSecurityContext(own({})), 'what is changed is what counts')
    for (const [index, text] of broken.entries())
      await assert.rejects(service().createSecurityContext(text), String(index))
  })

  it('@sap/xssec takes the service key as it is', async () => {
    for (const type of ['secret', 'certificate'] as const) {
      const { opened } = await world.client({}, { name: 'key', type })
      const addresses = { url: 'https://runtime.example', tokenUrl: `${world.base()}/oauth/token` }
      const { uaa } = serviceKeyDocument(opened, addresses, 'flat') as { readonly uaa: object }
      const made = new XsuaaService(uaa)
      assert.equal(String(await made.getTokenUrl('client_credentials')), addresses.tokenUrl)
      const { headers, body } = made.buildTokenRequest('client_credentials', {})
      const form = {
        ...(headers as Readonly<Record<string, string>>),
        ...(type === 'certificate' && { 'x-peer': 'xssec' }),
      }
      if (type === 'certificate') world.presents('xssec', opened.certificate ?? '')
      assert.equal((await world.form(String(body), form)).status, 200, type)
    }
  })

  const viaHttp: openid.CustomFetch = (url, options) => fetch(url.replace('https:', 'http:'), options as RequestInit)

  async function discovered(authentication: openid.ClientAuth): Promise<openid.Configuration> {
    const issuer = new URL(`${world.base()}/oauth/token`)
    const found = await openid.discovery(issuer, client.clientId, undefined, authentication, {
      algorithm: 'oauth2',
      [openid.customFetch]: viaHttp,
    })
    return found
  }

  it('openid-client discovers the server, gets, inspects and revokes tokens', async () => {
    const { secret } = client
    for (const authentication of [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)]) {
      const configuration = await discovered(authentication)
      const tokens = await openid.clientCredentialsGrant(configuration)
      assert.equal(tokens.token_type, 'bearer')
      assert.equal(tokens.expires_in, 3600)
      const { active } = await openid.tokenIntrospection(configuration, tokens.access_token)
      assert.equal(active, true)
      await openid.tokenRevocation(configuration, tokens.access_token)
      assert.equal((await openid.tokenIntrospection(configuration, tokens.access_token)).active, false)
    }
    const other = await openid
      .discovery(new URL(world.base()), client.clientId, secret, undefined, {
        [openid.customFetch]: viaHttp,
      })
      .then(
        () => 'found',
        () => 'refused',
      )
    assert.equal(other, 'refused', 'the issuer is the token endpoint')
  })

  it('openid-client goes through a log-on and refreshes', async () => {
    const configuration = await discovered(openid.ClientSecretBasic(client.secret))
    const verifier = randomBytes(32).toString('base64url')
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid Orders.read',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: 'S',
    })
    const cookies = new Map<string, string>()
    const go = async (path: string, init: RequestInit = {}) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const answered = await world.call(path.replace(world.base(), ''), {
        ...init,
        headers: { ...(init.headers as Readonly<Record<string, string>> | undefined), cookie },
      })
      for (const line of answered.headers.getSetCookie()) {
        const [pair = ''] = line.split(';')
        cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
      }
      return { ...answered, location: answered.headers.get('location') ?? '' }
    }
    const { location: page } = await go(url.href)
    const token = /name="token" value="([^"]+)"/.exec((await go(page)).text)?.[1] ?? ''
    const body = new URLSearchParams({ username: 'Ann', password, decision: 'allow', token })
    const { location: resume } = await go(page, { method: 'POST', body })
    const { location: callback } = await go(resume)
    const tokens = await openid.authorizationCodeGrant(configuration, new URL(callback), {
      pkceCodeVerifier: verifier,
      expectedState: 'S',
    })
    assert.equal(claimsIn(tokens.access_token).user_name, 'Ann')
    assert.equal(tokens.scope, 'Orders.read')
    const next = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
    assert.equal(claimsIn(next.access_token).user_name, 'Ann')
  })
})
