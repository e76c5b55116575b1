/** Token requests that are refused, each with what the caller is told and what the administrator finds. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'

import { SignJWT } from 'jose'

import {
  type AuthorizationWorld,
  encodedPart,
  grant,
  openAuthorizationWorld,
  withGrants,
} from './authorization-world.ts'
import { newSigner, signByXmlsec } from './foreign-assertions.ts'
import { basicOf, type ClientKey, type HttpAnswer } from './token-client.ts'

const samlIssuer = 'https://portal.example'
const jwtIssuer = 'https://login.example'
const password = 'A-Good-Pass1-for-ida'
const login = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const portal = newSigner('portal')
export const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })

interface SamlChange {
  readonly issuer?: string
  readonly audience?: string
  readonly recipient?: string
  readonly until?: number
}

interface JwtChange {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly by?: KeyObject
}

/** A client that may use every grant, and two senders whose assertions it brings. */
export interface TokenRequests {
  readonly world: AuthorizationWorld
  readonly key: ClientKey
  /** Pieces of everything that could be used: they must be in no record and no answer. */
  readonly hidden: ReadonlySet<string>
  readonly hide: (secret: string) => string
  readonly saml: (change?: SamlChange, signer?: typeof portal, alter?: (xml: string) => string) => string
  readonly jwt: (change?: JwtChange) => Promise<string>
  /** A token that is given. */
  readonly tokenBy: (form: Parameters) => Promise<string>
}

export type Parameters = Readonly<Record<string, string>>
/** What the caller is told, what the record has as code, and what its words hold. */
export type Refused = readonly [status: number, error: string, code: string, check?: string]

export async function openTokenRequests(): Promise<TokenRequests> {
  const world = await openAuthorizationWorld()
  const { say, file } = world
  const bearers = ['saml2-bearer', 'jwt-bearer', 'token-exchange'].map(grant)
  const words = withGrants('client_credentials', 'password', ...bearers)
  await say(['service-instance', 'create', 'caller', '--role', 'ESBMessaging.send', ...words])
  const key = await world.newKey('caller', 'key', 'secret')
  await say(['user', 'create', 'ida', '--role', 'ESBMessaging.send'], `${password}\n`)
  writeFileSync(file('portal.pem'), portal.cert)
  const group = ['--default-group', 'partners']
  await say(['idp', 'add', 'Portal', samlIssuer, '--cert', file('portal.pem'), ...group])
  const jwk = { ...login.publicKey.export({ format: 'jwk' }), kid: 'login-1', alg: 'ES256', use: 'sig' }
  writeFileSync(file('keys.json'), JSON.stringify({ keys: [jwk] }))
  await say(['idp', 'add', 'Login', jwtIssuer, '--jwks', file('keys.json'), ...group])
  return { world, key, ...sendersFor(world, key) }
}

function sendersFor(world: AuthorizationWorld, key: ClientKey): Omit<TokenRequests, 'world' | 'key'> {
  const hidden = new Set<string>()
  const hide = (secret: string): string => {
    for (let at = 0; at + 24 <= secret.length; at += 24) hidden.add(secret.slice(at, at + 24))
    return secret
  }
  hide(key.clientsecret ?? '')
  return {
    hidden,
    hide,
    saml(change = {}, signer = portal, alter = (xml) => xml) {
      const wish = { issuer: samlIssuer, user: 'anna', audience: key.tokenurl, recipient: key.tokenurl, ...change }
      return hide(Buffer.from(alter(signByXmlsec(wish, signer))).toString('base64url'))
    },
    async jwt({ claims, header, by = login.privateKey } = {}) {
      const now = seconds()
      const usual = { iss: jwtIssuer, sub: 'anna', aud: key.tokenurl, iat: now, exp: now + 300, jti: randomUUID() }
      const made = new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'login-1', ...header })
      return hide(await made.sign(by))
    },
    async tokenBy(form) {
      const { status, text, json } = await world.client.post(key.tokenurl, form, key)
      assert.equal(status, 200, text)
      return hide(json.access_token)
    },
  }
}

const seconds = () => Math.floor(Date.now() / 1000)

/** Forms of grants. */
export const bySaml = (assertion: string): Parameters => ({ grant_type: grant('saml2-bearer'), assertion })
export const byJwt = (assertion: string): Parameters => ({ grant_type: grant('jwt-bearer'), assertion })
export const byExchange = (token: string, type = 'access_token'): Parameters => ({
  grant_type: grant('token-exchange'),
  subject_token: token,
  subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
})

export const byPassword: Parameters = { grant_type: 'password', username: 'ida', password }

const assertionFails = (check: string): Refused => [400, 'invalid_grant', 'oauth.assertion', check]
/** Requests of a client that is known, which get no token. */
export const refusedGrants = ({
  key,
  hide,
  saml,
  jwt,
  tokenBy,
}: TokenRequests): Readonly<Record<string, readonly [() => Parameters | Promise<Parameters>, Refused]>> => ({
  'no grant type': [() => ({}), [400, 'invalid_request', 'oauth.parameterMissing']],
  'an unknown grant type': [() => ({ grant_type: 'magic' }), [400, 'unsupported_grant_type', 'oauth.grantUnsupported']],
  'a grant that the instance has not': [
    () => ({ grant_type: 'refresh_token', refresh_token: hide('R'.repeat(43)) }),
    [400, 'unauthorized_client', 'oauth.grantForbidden'],
  ],
  'a scope that the client has not': [
    () => ({ grant_type: 'client_credentials', scope: 'Other.role' }),
    [400, 'invalid_scope', 'oauth.scope'],
  ],
  'a wrong password': [
    () => ({ grant_type: 'password', username: 'ida', password: hide('wrong-password-of-ida-0123456789') }),
    [400, 'invalid_grant', 'oauth.password'],
  ],
  'a password without a user': [
    () => ({ grant_type: 'password', password: hide('some-password-without-a-user-012') }),
    [400, 'invalid_request', 'oauth.parameterMissing'],
  ],
  'no assertion': [() => ({ grant_type: grant('saml2-bearer') }), [400, 'invalid_request', 'oauth.parameterMissing']],
  'an assertion that is none': [() => bySaml('AAAA'), assertionFails('saml.')],
  'SAML of an unknown issuer': [() => bySaml(saml({ issuer: 'https://nobody.example' })), assertionFails('issuer')],
  'SAML of another signer': [() => bySaml(saml({}, newSigner('portal'))), assertionFails('signature')],
  'SAML for another audience': [() => bySaml(saml({ audience: 'https://other' })), assertionFails('audience')],
  'SAML for another recipient': [() => bySaml(saml({ recipient: 'https://other' })), assertionFails('recipient')],
  'SAML that has ended': [() => bySaml(saml({ until: Date.now() - 90_000 })), assertionFails('')],
  'SAML that was changed': [
    () => bySaml(saml({}, portal, (xml) => xml.replace('>anna<', '>admin<'))),
    assertionFails('digest'),
  ],
  'SAML without a signature': [
    () => bySaml(saml({}, portal, (xml) => xml.replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, ''))),
    assertionFails('signature'),
  ],
  'SAML with a DTD': [
    () => bySaml(saml({}, portal, (xml) => xml.replace(/^(<\?xml[^>]*>\s*)?/, '<!DOCTYPE a [<!ENTITY b "c">]>'))),
    assertionFails(''),
  ],
  'a SAML assertion where a JWT belongs': [() => byJwt(saml()), assertionFails('jwt.')],
  'a JWT where a SAML assertion belongs': [async () => bySaml(await jwt()), assertionFails('saml.')],
  'a JWT of an unknown issuer': [
    async () => byJwt(await jwt({ claims: { iss: 'https://nobody.example' } })),
    assertionFails('issuer'),
  ],
  'a JWT by another key': [async () => byJwt(await jwt({ by: stranger.privateKey })), assertionFails('signature')],
  'a JWT with an unknown kid': [async () => byJwt(await jwt({ header: { kid: 'login-2' } })), assertionFails('')],
  'a JWT for another audience': [
    async () => byJwt(await jwt({ claims: { aud: 'https://other' } })),
    assertionFails('audience'),
  ],
  'a JWT that has ended': [
    async () => byJwt(await jwt({ claims: { iat: seconds() - 900, exp: seconds() - 600 } })),
    assertionFails('exp'),
  ],
  'a JWT that counts later': [
    async () => byJwt(await jwt({ claims: { nbf: seconds() + 600, exp: seconds() + 900 } })),
    assertionFails('notBefore'),
  ],
  'a JWT without an id, the second time': [
    async () => {
      const assertion = await jwt({ claims: { jti: undefined } })
      await tokenBy(byJwt(assertion))
      return byJwt(assertion)
    },
    assertionFails('replay'),
  ],
  'a JWT with the algorithm none': [
    async () => {
      const [, payload] = (await jwt()).split('.')
      return byJwt(hide(`${encodedPart({ alg: 'none' })}.${payload}.`))
    },
    assertionFails(''),
  ],
  'a JWT by HMAC with the public key': [
    async () => {
      const secret = Buffer.from(String(login.publicKey.export({ format: 'pem', type: 'spki' })))
      const claims = { iss: jwtIssuer, sub: 'anna', aud: key.tokenurl, exp: seconds() + 300, jti: randomUUID() }
      return byJwt(hide(await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'login-1' }).sign(secret)))
    },
    assertionFails('algorithm'),
  ],
  'a token of a client where one of a user belongs': [
    async () => byJwt(await tokenBy({ grant_type: 'client_credentials' })),
    [400, 'invalid_grant', 'oauth.ownToken', 'no user'],
  ],
  'an exchange of a token that is none': [
    () => byExchange(hide('not-a-token-not-a-token-not-a-token')),
    [400, 'invalid_request', 'oauth.ownToken'],
  ],
  'an exchange of a token of another type': [
    async () => byExchange(await tokenBy({ grant_type: 'client_credentials' }), 'saml2'),
    [400, 'invalid_request', 'oauth.tokenType'],
  ],
  'an exchange for another server': [
    async () => ({
      ...byExchange(await tokenBy(byPassword)),
      audience: 'https://other.example',
    }),
    [400, 'invalid_target', 'oauth.target'],
  ],
})

/** Requests in which the client itself is not right. */
export const refusedClients = ({
  key,
  hide,
  world: { client },
}: TokenRequests): Readonly<Record<string, readonly [() => Promise<HttpAnswer>, Refused]>> => ({
  'no client': [
    () => client.post(key.tokenurl, { grant_type: 'client_credentials' }),
    [401, 'invalid_client', 'oauth.clientMissing'],
  ],
  'a wrong secret': [
    () =>
      client.post(key.tokenurl, { grant_type: 'client_credentials' }, { ...key, clientsecret: hide('x'.repeat(40)) }),
    [401, 'invalid_client', 'oauth.clientUnknown'],
  ],
  'a secret in the place of the id': [
    () =>
      client.post(
        key.tokenurl,
        { grant_type: 'client_credentials' },
        { ...key, clientid: key.clientsecret ?? '', clientsecret: key.clientid },
      ),
    [401, 'invalid_client', 'oauth.clientUnknown'],
  ],
  'two ways at once': [
    () =>
      client.post(
        key.tokenurl,
        { grant_type: 'client_credentials', client_id: key.clientid, client_secret: key.clientsecret ?? '' },
        key,
      ),
    [400, 'invalid_request', 'oauth.clientSeveral'],
  ],
  'a client assertion by nobody': [
    async () => {
      const claims = { iss: key.clientid, sub: key.clientid, aud: key.tokenurl, jti: randomUUID() }
      const made = new SignJWT({ ...claims, exp: seconds() + 60 }).setProtectedHeader({ alg: 'ES256' })
      return client.post(key.tokenurl, {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: hide(await made.sign(stranger.privateKey)),
      })
    },
    [401, 'invalid_client', 'oauth.clientAssertion', 'signature'],
  ],
  'a parameter that comes twice': [
    () =>
      client.ask(key.tokenurl, {
        headers: { authorization: basicOf(key), 'content-type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=client_credentials&grant_type=client_credentials',
      }),
    [400, 'invalid_request', 'oauth.requestMalformed'],
  ],
  JSON: [
    () =>
      client.ask(key.tokenurl, {
        headers: { authorization: basicOf(key), 'content-type': 'application/json' },
        body: '{"grant_type":"client_credentials"}',
      }),
    [400, 'invalid_request', 'oauth.requestMalformed'],
  ],
  'a password in the address': [
    () =>
      client.ask(
        `${key.tokenurl}?grant_type=password&username=ida&password=${hide('password-in-the-address-0123456')}`,
        {
          method: 'POST',
          headers: { authorization: basicOf(key) },
        },
      ),
    [400, 'invalid_request', 'oauth.queryForbidden'],
  ],
})
