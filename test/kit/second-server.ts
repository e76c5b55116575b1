/**
 * A server of somebody else to which flows pass their users on: the authorization server of the package oidc-provider,
 * and beside it a resource that answers who has arrived. All over TLS. It believes the assertions of one signer.
 */
import { createPublicKey, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'

import { jwtVerify } from 'jose'
import type { KoaContextWithOIDC, Provider as OidcProvider } from 'oidc-provider'

import { verifyByXmlsec } from './foreign-assertions.ts'
import { opensslAuthority } from './openssl.ts'

/** Grants by the end of their names. */
const grantTypes = {
  saml: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  jwt: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const

export const clientOfSecond = { id: 'sluice-at-second', secret: 'second-server-client-secret' } as const

export interface SecondServer extends AsyncDisposable {
  readonly url: string
  /** PEM of the CA that issued its certificate. */
  readonly ca: string
  /** Certificates of users are trusted when this one has issued them. */
  readonly trustUsersOf: (certificate: string) => void
  /** The certificate of the key that signs assertions. */
  readonly trustAssertionsOf: (certificate: string) => void
  /** Users of the assertions for which a token was given, one for each token. */
  readonly issued: () => readonly string[]
  /** The tokens that were given for them. */
  readonly tokens: () => readonly string[]
  /** Takes no token any more that was given so far to this user. */
  readonly forget: (user: string) => void
  /** Calls in which session, connection and token were of two users. */
  readonly mixed: () => readonly string[]
  /** What the last refused token request said. */
  readonly refusals: () => readonly string[]
}

interface Trusted {
  readonly users: X509Certificate[]
  assertions: string
}

/** @param redirectUri where the browser is sent back to with a code */
export async function startSecondServer(redirectUri: string): Promise<SecondServer> {
  const authority = opensslAuthority('/O=Second/CN=Second CA')
  const tls = authority.issue({ subject: '/CN=localhost', usage: 'serverAuth' })
  const trusted: Trusted = { users: [], assertions: '' }
  const [issued, tokens, mixed, refusals]: [string[], string[], string[], string[]] = [[], [], [], []]
  const ofConnection = new WeakMap<object, string>()
  const forgotten = new Set<string>()
  const server = createServer({ ...tls, ca: [], requestCert: true, rejectUnauthorized: false })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  const provider = await newProvider({ url, redirectUri, trusted, issued, tokens })
  for (const event of ['grant.error', 'authorization.error', 'server_error'] as const)
    provider.on(event as 'grant.error', (_, error) =>
      refusals.push(`${error.message} ${error.error_description ?? ''}`),
    )
  const answerOthers = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/whoami')) void whoAmI(request, response)
    else void answerOthers(request, response)
  })

  /** The user of a certificate or of a token, and whether anything else in the call is of another one. */
  async function whoAmI(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket, headers } = request
    const { user, by, client } = await userOf(request)
    if (user === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('{}')
      return
    }
    const session = /session=([^;]*)/.exec(headers.cookie ?? '')?.[1]
    if (session !== undefined && session !== encodeURIComponent(user)) mixed.push(`session of ${session}, ${user}`)
    // A connection that shows a certificate is of one user; one that carries tokens is of nobody.
    const before = ofConnection.get(socket)
    if (by === 'certificate' && before !== undefined && before !== user) mixed.push(`connection of ${before}, ${user}`)
    if (by === 'certificate') ofConnection.set(socket, user)
    // A receiver that is not careful with what it is shown.
    const echo = request.url === '/whoami/echo' && { 'x-shown': headers.authorization ?? '' }
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': `session=${encodeURIComponent(user)}; Path=/`,
        ...echo,
      })
      .end(JSON.stringify({ user, by, client, ...echo }))
  }

  async function userOf({ headers, socket }: IncomingMessage) {
    const [, value] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    if (value !== undefined) {
      const token = forgotten.has(value) ? undefined : await provider.AccessToken.find(value)
      return { user: token?.accountId, by: 'token', client: token?.clientId }
    }
    const certificate = (socket as TLSSocket).getPeerX509Certificate()
    if (certificate === undefined) return {}
    const now = Date.now()
    const holds = certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime()
    const issuer = trusted.users.find((each) => certificate.checkIssued(each) && certificate.verify(each.publicKey))
    if (!holds || issuer === undefined) return {}
    return { user: String(certificate.toLegacyObject().subject.CN), by: 'certificate', client: certificate.subject }
  }

  return {
    url,
    ca: authority.certificate,
    trustUsersOf: (certificate) => void trusted.users.push(new X509Certificate(certificate)),
    trustAssertionsOf: (certificate) => void (trusted.assertions = certificate),
    issued: () => issued,
    tokens: () => tokens,
    forget: (user) => {
      for (const [index, token] of tokens.entries()) if (issued[index] === user) forgotten.add(token)
    },
    mixed: () => mixed,
    refusals: () => refusals,
    async [Symbol.asyncDispose]() {
      authority.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface ProviderParts {
  readonly url: string
  readonly redirectUri: string
  readonly trusted: Trusted
  readonly issued: string[]
  readonly tokens: string[]
}

async function newProvider({ url, redirectUri, trusted, issued, tokens }: ProviderParts): Promise<OidcProvider> {
  const { Provider, errors } = await import('oidc-provider')
  const provider = new Provider(url, {
    clients: [
      {
        client_id: clientOfSecond.id,
        client_secret: clientOfSecond.secret,
        grant_types: ['authorization_code', 'refresh_token', ...Object.values(grantTypes)],
        redirect_uris: [redirectUri],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    cookies: { keys: ['cookies of the second server'] },
    scopes: ['openid', 'offline_access'],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // As most servers do: whoever asks for it gets a refresh token.
    issueRefreshToken: async () => true,
    ttl: { AccessToken: 3600, Grant: 3600, Session: 3600, Interaction: 3600, RefreshToken: 3600, IdToken: 3600 },
  })

  /** The user of an assertion in which everything is as it must be; else why not. */
  async function ofSaml(encoded: string): Promise<string> {
    if (!/^[\w-]+$/.test(encoded)) return refuse('the assertion is not in base64url')
    const assertion = Buffer.from(encoded, 'base64url').toString()
    if (!verifyByXmlsec(assertion, trusted.assertions)) return refuse('xmlsec1 does not verify the signature')
    const said = (pattern: RegExp): string => pattern.exec(assertion)?.[1] ?? ''
    if (said(/<(?:\w+:)?Audience>([^<]*)</) !== 'second') return refuse('the audience is another one')
    if (said(/Recipient="([^"]*)"/) !== `${url}/token`) return refuse('the recipient is another one')
    if (Date.parse(said(/<(?:\w+:)?Conditions[^>]*NotOnOrAfter="([^"]*)"/)) < Date.now()) return refuse('it has ended')
    return said(/<(?:\w+:)?NameID[^>]*>([^<]*)</).replaceAll('&amp;', '&')
  }

  async function ofJwt(assertion: string): Promise<string> {
    const options = { issuer: clientOfSecond.id, audience: 'second' }
    try {
      const { payload } = await jwtVerify(assertion, createPublicKey(trusted.assertions), options)
      return payload.sub ?? refuse('it has no subject')
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error))
    }
  }

  const refuse = (why: string): never => {
    throw new errors.InvalidGrant(why)
  }

  async function give(context: KoaContextWithOIDC, accountId: string): Promise<void> {
    const { client } = context.oidc
    if (client === undefined || accountId === '') return refuse('nobody is named')
    const grant = new provider.Grant({ accountId, clientId: client.clientId })
    const grantId = await grant.save()
    const token = new provider.AccessToken({ accountId, client, grantId, gty: 'assertion' })
    const value = await token.save()
    issued.push(accountId)
    tokens.push(value)
    context.body = { access_token: value, token_type: 'Bearer', expires_in: token.expiration }
  }

  const text = (context: KoaContextWithOIDC, name: string): string => String(context.oidc.params?.[name] ?? '')
  provider.registerGrantType(
    grantTypes.saml,
    async (context) => give(context, await ofSaml(text(context, 'assertion'))),
    ['assertion', 'scope'],
  )
  provider.registerGrantType(
    grantTypes.jwt,
    async (context) => give(context, await ofJwt(text(context, 'assertion'))),
    ['assertion', 'scope'],
  )
  provider.registerGrantType(
    grantTypes.exchange,
    async (context) => {
      if (text(context, 'subject_token_type') !== 'urn:ietf:params:oauth:token-type:jwt') refuse('no JWT')
      await give(context, await ofJwt(text(context, 'subject_token')))
    },
    ['subject_token', 'subject_token_type', 'requested_token_type', 'scope', 'audience', 'resource'],
  )
  return provider
}
