/** The library openid-client gets tokens from Sluice in every way that it knows, and calls flows with them. */
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import tls from 'node:tls'

import { createSecurityContext, XsuaaService } from '@sap/xssec'
import { compactVerify, createLocalJWKSet, SignJWT } from 'jose'
import * as openid from 'openid-client'
import { Agent, fetch as undiciFetch } from 'undici'

import { claimsOf, grant, keyPairOf, openAuthorizationWorld, withGrants } from '../kit/authorization-world.ts'
import { walkForms } from '../kit/form-walk.ts'
import { type ClientKey, createTokenClient } from '../kit/token-client.ts'

const role = 'ESBMessaging.send'
const redirectUri = 'https://app.example/callback'
const password = 'A-Good-Pass1-for-ida'

const world = await openAuthorizationWorld()
after(world.dispose)
const { sluice, client, ca, say, newKey, tokenOf, nameOf, isRefused } = world
/** Of one instance: a secret, a certificate; and a secret of another instance. */
let bySecret: ClientKey
let byCertificate: ClientKey
let ofOthers: ClientKey

before(async () => {
  // Libraries that cannot be told whom to trust take Node's word for it.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca])
  const grants = withGrants('client_credentials', 'authorization_code', 'refresh_token')
  await say(['service-instance', 'create', 'library', '--role', role, ...grants, '--redirect-uri', redirectUri])
  await say(['service-instance', 'create', 'others', '--role', role])
  bySecret = await newKey('library', 'secret', 'secret')
  byCertificate = await newKey('library', 'certificate', 'certificate')
  ofOthers = await newKey('others', 'secret', 'secret')
  await say(['user', 'create', 'ida', '--role', role], `${password}\n`)
})

describe('openid-client', () => {
  /** A configuration from discovery; the transport shows a certificate where one is given. */
  async function discovered(
    clientId: string,
    authentication: openid.ClientAuth,
    keyPair?: { readonly cert: string; readonly key: string },
    metadata: Partial<openid.ClientMetadata> = {},
  ): Promise<openid.Configuration> {
    const dispatcher = new Agent({ connect: { ca, ...keyPair } })
    const customFetch = ((url: string, options: object) =>
      undiciFetch(url, { ...options, dispatcher })) as unknown as openid.CustomFetch
    const config = await openid.discovery(
      new URL(`${sluice.controlUrl}/.well-known/openid-configuration`),
      clientId,
      metadata,
      authentication,
      { [openid.customFetch]: customFetch },
    )
    config[openid.customFetch] = customFetch
    return config
  }

  it('discovers the server, whose addresses are all below the control address', async () => {
    const config = await discovered(bySecret.clientid, openid.ClientSecretBasic(bySecret.clientsecret))
    const metadata = config.serverMetadata()
    const addresses = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$|^issuer$/.test(name))
    assert.ok(addresses.length >= 6, JSON.stringify(metadata))
    for (const [name, address] of addresses) assert.ok(String(address).startsWith(sluice.controlUrl), name)
    assert.equal(metadata.issuer, bySecret.tokenurl)
    assert.equal(config.serverMetadata().supportsPKCE(), true)
  })

  it('discovers it by its issuer alone, which has to name itself', async () => {
    const dispatcher = new Agent({ connect: { ca } })
    const config = await openid.discovery(
      new URL(bySecret.tokenurl),
      bySecret.clientid,
      {},
      openid.ClientSecretBasic(secret()),
      {
        [openid.customFetch]: ((url: string, options: object) =>
          undiciFetch(url, { ...options, dispatcher })) as unknown as openid.CustomFetch,
      },
    )
    assert.equal(config.serverMetadata().issuer, bySecret.tokenurl)
  })

  it('finds the same under the address of RFC 8414', async () => {
    const { pathname } = new URL(bySecret.tokenurl)
    const paths = ['/.well-known/oauth-authorization-server', `/.well-known/oauth-authorization-server${pathname}`]
    const found = await Promise.all(paths.map((path) => client.ask(sluice.controlUrl + path)))
    for (const { status, json } of found) assert.deepEqual([status, json.issuer], [200, bySecret.tokenurl])
  })

  const secret = () => bySecret.clientsecret ?? ''
  const ways: readonly (readonly [string, () => Promise<openid.Configuration>])[] = [
    ['Basic', () => discovered(bySecret.clientid, openid.ClientSecretBasic(secret()))],
    ['form', () => discovered(bySecret.clientid, openid.ClientSecretPost(secret()))],
    ['private_key_jwt', () => signing()],
    ['mTLS', () => discovered(byCertificate.clientid, openid.TlsClientAuth(), keyPairOf(byCertificate))],
  ]

  async function signing(): Promise<openid.Configuration> {
    const key = createPrivateKey(byCertificate.key ?? '')
    const [name, options] =
      key.asymmetricKeyType === 'ec'
        ? (['ES256', { name: 'ECDSA', namedCurve: 'P-256' }] as const)
        : (['RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }] as const)
    const imported = key.toCryptoKey(options, false, ['sign'])
    const config = await discovered(byCertificate.clientid, openid.PrivateKeyJwt(imported as CryptoKey))
    assert.ok(config.serverMetadata().token_endpoint_auth_signing_alg_values_supported?.includes(name))
    return config
  }

  for (const [name, configure] of ways)
    it(`gets a token by ${name}, and calls a flow with it`, async () => {
      const config = await configure()
      const answer = await openid.clientCredentialsGrant(config, { scope: role })
      assert.deepEqual([answer.token_type, answer.scope, answer.expiresIn()], ['bearer', role, 3600])
      const { clientid } = name === 'Basic' || name === 'form' ? bySecret : byCertificate
      const claims = claimsOf(answer.access_token)
      assert.deepEqual([claims['client_id'], claims['cid'], claims['scope']], [clientid, clientid, [role]])
      const bound = name === 'mTLS'
      assert.equal(claims['cnf'] !== undefined, bound)
      const caller = bound ? createTokenClient({ ca, ...keyPairOf(byCertificate) }) : client
      assert.equal(await nameOf(answer.access_token, caller), clientid)
      if (bound) await isRefused(answer.access_token)
      if (caller !== client) caller.close()
    })

  it('binds a token to the certificate of its client', async () => {
    const config = await discovered(byCertificate.clientid, openid.TlsClientAuth(), keyPairOf(byCertificate))
    const { access_token: token } = await openid.clientCredentialsGrant(config)
    const thumbprint = createHash('sha256')
      .update(new X509Certificate(byCertificate.certificate ?? '').raw)
      .digest('base64url')
    assert.deepEqual(claimsOf(token)['cnf'], { 'x5t#S256': thumbprint })
    // A certificate that Sluice trusts as well, but of another client.
    const pem = (name: string) => readFileSync(sluice.file(name), 'utf8')
    const other = createTokenClient({ ca, cert: pem('client.pem'), key: pem('client.key') })
    try {
      await isRefused(token, other)
    } finally {
      other.close()
    }
  })

  for (const [name, wrong, error] of [
    ['a wrong secret', { clientsecret: 'wrong' }, 'invalid_client'],
    ['an unknown client', { clientid: 'sb-nobody!sluice' }, 'invalid_client'],
  ] as const)
    it(`is told the code of the RFC for ${name}`, async () => {
      const { clientid, clientsecret = '' } = { ...bySecret, ...wrong }
      const config = await discovered(clientid, openid.ClientSecretBasic(clientsecret))
      await assert.rejects(openid.clientCredentialsGrant(config), openid.WWWAuthenticateChallengeError)
      const key = { ...bySecret, clientid, clientsecret }
      const { status, json, headers } = await client.post(key.tokenurl, { grant_type: 'client_credentials' }, key)
      assert.deepEqual([status, json.error], [401, error])
      // RFC 6749, 5.2: the challenge matches what the client has tried.
      assert.match(String(headers['www-authenticate']), /^Basic /)
    })

  it('is told so for a scope that the client has not', async () => {
    const config = await discovered(bySecret.clientid, openid.ClientSecretBasic(secret()))
    await assert.rejects(openid.clientCredentialsGrant(config, { scope: 'Other.role' }), { error: 'invalid_scope' })
  })

  describe('for a user, by code and PKCE', () => {
    let config: openid.Configuration
    before(async () => (config = await discovered(bySecret.clientid, openid.ClientSecretBasic(secret()))))

    async function logOn(user = { user: 'ida', password }) {
      const verifier = openid.randomPKCECodeVerifier()
      const state = openid.randomState()
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        state,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      const walk = await walkForms(client, url.href, redirectUri, user)
      const exchange = () =>
        openid.authorizationCodeGrant(config, walk.end, { pkceCodeVerifier: verifier, expectedState: state })
      return { ...walk, exchange }
    }

    it('logs on through the page, and gets tokens of the user', async () => {
      const { pages, exchange } = await logOn()
      assert.ok(pages.length >= 1)
      for (const { headers, html } of pages) {
        assert.match(String(headers['content-security-policy']), /default-src 'none'/)
        assert.match(String(headers['cache-control']), /no-store/)
        assert.doesNotMatch(html, /<script/i)
      }
      const answer = await exchange()
      assert.ok(answer.refresh_token)
      assert.equal(claimsOf(answer.access_token)['user_name'], 'ida')
      assert.equal(await nameOf(answer.access_token), 'ida')
    })

    it('takes a code once, and what it had given is gone after the second try', async () => {
      const { exchange } = await logOn()
      const { access_token: token } = await exchange()
      assert.equal(await nameOf(token), 'ida')
      await assert.rejects(exchange(), { error: 'invalid_grant' })
      await isRefused(token)
    })

    it('shows a wrong password on the page, and gives no code', async () => {
      await assert.rejects(logOn({ user: 'ida', password: 'wrong' }), /the walk ended at/)
    })

    it('asks for PKCE', async () => {
      const url = openid.buildAuthorizationUrl(config, { redirect_uri: redirectUri, state: 'some-state' })
      const { end } = await walkForms(client, url.href, redirectUri, { user: 'ida', password })
      assert.equal(end.searchParams.get('error'), 'invalid_request')
    })

    it('sends nobody to an address that the instance does not name', async () => {
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: 'https://evil.example/callback',
        state: 'some-state',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
      })
      const { status, headers } = await client.ask(url.href)
      assert.deepEqual([status, headers['location']], [400, undefined])
    })

    it('refreshes, and an old refresh token takes all of its family with it', async () => {
      const { exchange } = await logOn()
      const first = await exchange()
      const second = await openid.refreshTokenGrant(config, first.refresh_token ?? '')
      assert.notEqual(second.refresh_token, first.refresh_token)
      assert.equal(await nameOf(second.access_token), 'ida')
      await assert.rejects(openid.refreshTokenGrant(config, first.refresh_token ?? ''), { error: 'invalid_grant' })
      await assert.rejects(openid.refreshTokenGrant(config, second.refresh_token ?? ''), { error: 'invalid_grant' })
      await isRefused(second.access_token)
    })

    it('revokes a refresh token with all that came of it', async () => {
      const { exchange } = await logOn()
      const answer = await exchange()
      await openid.tokenRevocation(config, answer.refresh_token ?? '')
      await assert.rejects(openid.refreshTokenGrant(config, answer.refresh_token ?? ''), { error: 'invalid_grant' })
      await isRefused(answer.access_token)
    })
  })

  describe('for a user of a sender', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const issuer = 'https://login.example'
    let config: openid.Configuration
    before(async () => {
      const file = world.file('keys.json')
      writeFileSync(
        file,
        JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] }),
      )
      const rules = ['--default-group', 'partners', '--attribute', '*=*']
      await say(['idp', 'add', 'Login', issuer, '--jwks', file, ...rules])
      await say(['group', 'create', 'partners', '--role', role])
      const grants = withGrants(grant('jwt-bearer'), grant('token-exchange'))
      await say(['service-instance', 'create', 'sender', '--role', role, ...grants])
      const key = await newKey('sender', 'key', 'secret')
      config = await discovered(key.clientid, openid.ClientSecretBasic(key.clientsecret))
    })

    const assertionFor = (user: string) =>
      new SignJWT({ mail: 'jo@login.example', given_name: 'Jo', department: 'sales' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(user)
        .setAudience(bySecret.tokenurl)
        .setIssuedAt()
        .setExpirationTime('2 min')
        .setJti(randomUUID())
        .sign(privateKey)

    it('gets a token by an assertion, in which @sap/xssec finds the user', async () => {
      const answer = await openid.genericGrantRequest(config, grant('jwt-bearer'), {
        assertion: await assertionFor('jo'),
      })
      assert.equal(await nameOf(answer.access_token), 'jo')
      const { client_id: clientid } = config.clientMetadata()
      const context = await createSecurityContext(
        new XsuaaService({
          clientid,
          xsappname: clientid.replace(/^sb-/, ''),
          uaadomain: new URL(sluice.controlUrl).host,
          url: sluice.controlUrl,
        }),
        { jwt: answer.access_token },
      )
      assert.equal(context.getUserName(), 'user/Login/jo')
      assert.deepEqual([context.getEmail(), context.getGivenName()], ['jo@login.example', 'Jo'])
      assert.deepEqual(context.getAttribute('department'), ['sales'])
      assert.equal(context.checkScope(role), true)
      assert.equal(context.getZoneId(), 'default')
    })

    it('exchanges it, and the token says who acts', async () => {
      const first = await openid.genericGrantRequest(config, grant('jwt-bearer'), {
        assertion: await assertionFor('jo'),
      })
      const answer = await openid.genericGrantRequest(config, grant('token-exchange'), {
        subject_token: first.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      })
      const { sub, act } = claimsOf(answer.access_token)
      assert.deepEqual([sub, act], ['jo', { sub: config.clientMetadata().client_id }])
      assert.equal(await nameOf(answer.access_token), 'jo')
    })

    it('is told the code of the RFC for an assertion that comes again', async () => {
      const assertion = await assertionFor('jo')
      await openid.genericGrantRequest(config, grant('jwt-bearer'), { assertion })
      await assert.rejects(openid.genericGrantRequest(config, grant('jwt-bearer'), { assertion }), {
        error: 'invalid_grant',
      })
    })
  })

  it('asks about a token, and revokes it', async () => {
    const config = await discovered(bySecret.clientid, openid.ClientSecretBasic(secret()))
    const { access_token: token } = await openid.clientCredentialsGrant(config)
    const told = await openid.tokenIntrospection(config, token)
    assert.deepEqual([told.active, told.client_id, told.iss], [true, bySecret.clientid, bySecret.tokenurl])
    assert.equal(await nameOf(token), bySecret.clientid)
    await openid.tokenRevocation(config, token)
    assert.deepEqual(await openid.tokenIntrospection(config, token), { active: false })
    await isRefused(token)
  })

  it('tells a resource server about the tokens of others, and does not let it revoke them', async () => {
    const token = await tokenOf(ofOthers)
    const config = await discovered(bySecret.clientid, openid.ClientSecretBasic(secret()))
    assert.equal((await openid.tokenIntrospection(config, token)).client_id, ofOthers.clientid)
    await openid.tokenRevocation(config, token).catch(() => {})
    assert.equal(await nameOf(token), ofOthers.clientid)
  })

  it('verifies a token with the keys that the server publishes', async () => {
    const config = await discovered(bySecret.clientid, openid.ClientSecretBasic(secret()))
    const { json } = await client.ask(config.serverMetadata().jwks_uri ?? '')
    for (const key of json.keys) assert.equal(key.d, undefined)
    const { payload } = await compactVerify(await tokenOf(bySecret), createLocalJWKSet(json))
    assert.equal((JSON.parse(Buffer.from(payload).toString()) as { iss: string }).iss, bySecret.tokenurl)
  })
})
