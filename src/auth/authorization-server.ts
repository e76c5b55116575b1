import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { AssertionReader } from '../assertions/index.ts'
import { type Clock, type Log, wordsOf } from '../base/index.ts'
import { type Identity, verifyPassword } from '../identity/index.ts'
import {
  createGuesses,
  createPasswords,
  networksOf,
  presentedOf,
  type RecordRefusal,
  type Refused,
  refused,
  sceneOf,
} from '../inbound/index.ts'
import type { Sealer } from '../keystore/index.ts'
import { audienceOf } from './access-token.ts'
import { addressesOf } from './addresses.ts'
import { createClientAuthentication } from './authenticate-client.ts'
import { createClientAssertions } from './client-assertion.ts'
import { createClients } from './clients.ts'
import { createCodeFlow, logOnPath } from './code-flow.ts'
import { metadataOf } from './discovery.ts'
import { createPasswordCheck } from './grants/password.ts'
import { introspect, revoke } from './inspect-token.ts'
import { createIssuer } from './issue-token.ts'
import type { JudgeCertificate } from './judge-certificate.ts'
import { createLogOnLimits } from './log-on-limits.ts'
import { failurePage, sendPage } from './log-on-pages.ts'
import { OAuthRefusal, refusal } from './oauth-refusal.ts'
import type { ModelStore, RevokedTokenStore, SpentIdStore } from './ports.ts'
import { readForm } from './read-form.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'
import { createGrants } from './token-endpoint.ts'
import type { RunningTokenVerifier } from './token-verifier.ts'

/** The other end of a connection, behind trusted proxies. */
export interface Peer {
  readonly remoteAddress: string
  readonly certificate: X509Certificate | undefined
  /** SHA-256 of the certificate in hex. */
  readonly fingerprint: string | undefined
  /** What else the client sent in the handshake. */
  readonly sent?: readonly X509Certificate[] | undefined
}

/** The authorization server on the control address. */
export interface AuthorizationServer {
  /** Whether it answers to a path (without query). */
  readonly serves: (path: string) => boolean
  /** Answers; nothing is thrown. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, peer: Peer) => void
  /** Deletes what has ended. To be called now and then. */
  readonly expire: () => Promise<void>
}

type Answer = readonly [status: number, body: object | undefined, headers?: Readonly<Record<string, string>>]

const base = { 'Cache-Control': 'no-store', Pragma: 'no-cache', 'X-Content-Type-Options': 'nosniff' } as const
/** Routes for people. */
const pages = new Set(['authorize', 'resume', 'logOn'])
const passwordsAtOnce = 2
const passwordsWaiting = 200

/** Puts the parts together. `base` is the control address, `https://host:port`. */
export function createAuthorizationServer(given: {
  readonly identity: Identity
  readonly keys: SigningKeys
  readonly verifier: RunningTokenVerifier
  readonly revocations: Revocations
  readonly stores: {
    readonly models: ModelStore
    readonly spent: SpentIdStore
    readonly revoked: Pick<RevokedTokenStore, 'expire'>
  }
  readonly sealer: Sealer
  readonly assertions: AssertionReader
  readonly judge: JudgeCertificate
  readonly base: () => string
  readonly tenant: string
  readonly secretInQuery?: () => boolean
  readonly record: RecordRefusal
  readonly clock: Clock
  readonly log: Log
}): AuthorizationServer {
  const { identity, keys, verifier, revocations, stores, sealer, assertions, judge, tenant, clock, log } = given
  const addresses = () => addressesOf(given.base())
  const clients = createClients(identity, () => clock.now())
  const guesses = createGuesses(clock)
  const beginLogOn = createLogOnLimits(clock)
  const passwords = createPasswords({ verify: verifyPassword, atOnce: passwordsAtOnce, waiting: passwordsWaiting })
  const byAssertion = createClientAssertions({
    clients,
    certificates: identity.certificates,
    judge,
    spent: stores.spent,
    audiences: () => [addresses().issuer, ...addresses().tokenEndpoints, given.base()],
    clock,
  })
  const authenticate = createClientAuthentication({
    identity,
    clients,
    guesses,
    judge,
    byAssertion,
    secretInQuery: given.secretInQuery ?? (() => true),
  })
  const codeFlow = createCodeFlow({
    identity,
    clients,
    models: stores.models,
    revocations,
    sealer,
    secret: keys.secret,
    addresses,
    audience: audienceOf(tenant),
    checkPassword: createPasswordCheck({ identity, guesses, passwords, log }),
    record: note,
    clock,
  })
  const issue = createIssuer({ identity, keys, addresses, tenant, clock })
  const parts = { identity, assertions, verifier, guesses, passwords, addresses, clock, log, codeFlow, revocations }
  const decide = createGrants(parts)

  function note(refusedHere: Refused, { method = '', url = '' }: IncomingMessage, peer: Peer): string {
    const { remoteAddress, certificate } = peer
    const presented = certificate && presentedOf(certificate, [])
    return given.record(refusedHere, sceneOf({ remoteAddress, presented }, method, url.split('?', 1)[0] ?? ''))
  }

  async function authenticated(request: IncomingMessage, peer: Peer) {
    const form = await readForm(request)
    const { authorization } = request.headers
    if (severalAuthorizations(request)) throw refusal('oauth.clientSeveral', { found: 'several Authorization headers' })
    return { form, client: await authenticate({ authorization, form, peer }) }
  }

  const posts: Readonly<Record<string, (request: IncomingMessage, peer: Peer) => Promise<Answer>>> = {
    token: async (request, peer) => {
      const { form, client } = await authenticated(request, peer)
      const granted = decide({ client, form, peer })
      return [200, issue(granted instanceof Promise ? await granted : granted)]
    },
    introspect: async (request, peer) => [200, await introspect(await authenticated(request, peer), parts)],
    revoke: async (request, peer) => {
      await revoke(await authenticated(request, peer), parts)
      return [200, undefined]
    },
  }
  const documents: Readonly<Record<string, () => object>> = {
    jwks: () => keys.jwks(),
    metadata: () => metadataOf(addresses()),
  }

  function answerPost(name: string, request: IncomingMessage, response: ServerResponse, peer: Peer): void {
    const work = posts[name]
    const { method = '' } = request
    const answered =
      method !== 'POST' || work === undefined
        ? Promise.reject(refusal('oauth.methodForbidden', { method: method.slice(0, 20), allowed: 'POST' }))
        : work(request, peer)
    answered
      .catch((error: unknown) => refuse(error, request, peer))
      .then(
        (answer) => send(request, response, answer),
        (error: unknown) => log.error('an answer could not be sent', { why: wordsOf(error) }),
      )
  }

  /** What the caller is told: the code of the RFC, and a reference for the administrator. */
  function refuse(error: unknown, request: IncomingMessage, peer: Peer): Answer {
    if (!(error instanceof OAuthRefusal))
      log.error('the authorization server failed', { path: request.url?.split('?', 1)[0], why: wordsOf(error) })
    const known = error instanceof OAuthRefusal ? error : refusal('oauth.uncheckable')
    const { status } = known.refused
    const reference = note(known.refused, request, peer)
    const challenge = status === 401 ? { 'WWW-Authenticate': 'Basic realm="Sluice", charset="UTF-8"' } : {}
    const headers = {
      ...challenge,
      ...Object.fromEntries(known.refused.headers),
      ...(status === 405 && { Allow: 'POST' }),
    }
    return [status, { error: known.error, error_description: `Refused; reference ${reference}.` }, headers]
  }

  function answerDocument(make: () => object, request: IncomingMessage, response: ServerResponse, peer: Peer): void {
    request.resume()
    const { method = '' } = request
    if (method === 'GET' || method === 'HEAD')
      return send(request, response, [200, make(), { 'Cache-Control': 'public, max-age=300' }])
    const refused405 = refusal('oauth.methodForbidden', { method: method.slice(0, 20), allowed: 'GET, HEAD' })
    const [status, body, headers] = refuse(refused405, request, peer)
    send(request, response, [status, body, { ...headers, Allow: 'GET, HEAD' }])
  }

  function answerRefused(error: OAuthRefusal, request: IncomingMessage, response: ServerResponse, peer: Peer): void {
    request.resume()
    send(request, response, refuse(error, request, peer))
  }

  /** Pages for people: also what goes wrong is one. */
  function answerPage(work: Promise<void>, request: IncomingMessage, response: ServerResponse, peer: Peer): void {
    work.catch((error: unknown) => {
      log.error('a log-on failed', { why: wordsOf(error) })
      const reference = note(refused('oauth.uncheckable'), request, peer)
      if (response.headersSent) {
        response.destroy()
        return
      }
      sendPage(response, failurePage(503, 'Something went wrong here. Try again in a moment.', reference))
    })
  }

  /** What is for people: only in the methods of browsers, and where the tenant takes calls from. */
  function pageOf(
    route: string | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    peer: Peer,
    path: string,
  ): Promise<void> | undefined {
    const { method = '' } = request
    const reads = method === 'GET' || method === 'HEAD'
    if (!(reads && pages.has(route ?? '')) && !(route === 'logOn' && method === 'POST')) return undefined
    const { networks } = identity.policy()
    if (networks.length > 0 && !networksOf(networks)(peer.remoteAddress)) {
      const forbidden = refused('network.addressForbidden', { remoteAddress: peer.remoteAddress, whose: 'tenant' })
      const reference = note(forbidden, request, peer)
      request.resume()
      sendPage(response, failurePage(403, 'From this address nobody can log on.', reference))
      return Promise.resolve()
    }
    if (route === 'logOn') return codeFlow.logOn(request, response, peer, path.slice(logOnPath.length))
    const seconds = route === 'authorize' ? beginLogOn(peer.remoteAddress) : 0
    if (seconds === 0) return codeFlow.authorize(request, response, peer)
    const tooMany = refused('oauth.logOnsTooMany', { remoteAddress: peer.remoteAddress, seconds })
    const reference = note(tooMany, request, peer)
    request.resume()
    response.setHeader('Retry-After', seconds)
    sendPage(response, failurePage(429, 'Too many log-ons were begun here. Try again in a moment.', reference))
    return Promise.resolve()
  }

  return {
    serves: (path) => routeOf(path) !== undefined,
    handle(request, response, peer) {
      const path = request.url?.split('?', 1)[0] ?? ''
      const route = routeOf(path)
      const people = pageOf(route, request, response, peer, path)
      if (people !== undefined) return answerPage(people, request, response, peer)
      const document = documents[route ?? '']
      if (route === 'jwks' && isForeignZone(request.url, tenant))
        return answerRefused(refusal('oauth.zoneUnknown', { zone: tenant }), request, response, peer)
      if (document !== undefined) return answerDocument(document, request, response, peer)
      if (route !== undefined) return answerPost(route, request, response, peer)
      answerRefused(refusal('oauth.addressUnknown'), request, response, peer)
    },
    async expire() {
      const now = clock.now()
      await stores.models.expire(now)
      await stores.spent.expire(now)
      await stores.revoked.expire(now)
    },
  }
}

/** Libraries of the original ask for the keys of the zone that a token names, and refuse it where there is none. */
function isForeignZone(url = '', tenant: string): boolean {
  const zone = URL.parse(url, 'https://localhost')?.searchParams.get('zid') ?? tenant
  return zone !== tenant
}

const routes: Readonly<Record<string, string>> = {
  '/oauth/token': 'token',
  '/oauth2/api/v1/token': 'token',
  '/oauth/introspect': 'introspect',
  '/oauth2/api/v1/introspect': 'introspect',
  '/oauth/revoke': 'revoke',
  '/oauth2/api/v1/revoke': 'revoke',
  '/oauth/authorize': 'authorize',
  '/oauth2/api/v1/authorize': 'authorize',
  '/token_keys': 'jwks',
  '/oauth/jwks': 'jwks',
  '/.well-known/openid-configuration': 'metadata',
  '/oauth/token/.well-known/openid-configuration': 'metadata',
  '/.well-known/oauth-authorization-server': 'metadata',
  '/.well-known/oauth-authorization-server/oauth/token': 'metadata',
}

/** Everything under /oauth is answered here, also what there is not. */
function routeOf(path: string): string | undefined {
  if (Object.hasOwn(routes, path)) return routes[path]
  if (/^\/oauth\/authorize\/[\w-]{1,100}$/.test(path)) return 'resume'
  if (path.startsWith(logOnPath) && /^[\w-]{1,100}$/.test(path.slice(logOnPath.length))) return 'logOn'
  return undefined
}

/** Node joins no second Authorization header: it drops it. */
const severalAuthorizations = ({ rawHeaders }: IncomingMessage): boolean =>
  rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization').length > 1

function send(request: IncomingMessage, response: ServerResponse, [status, body, headers]: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body)
  // A body that was not read to its end cannot be followed by another request.
  const unread = status >= 400 && !request.complete
  if (unread) request.resume()
  response.writeHead(status, {
    ...base,
    ...(text !== '' && { 'Content-Type': 'application/json;charset=UTF-8' }),
    'Content-Length': Buffer.byteLength(text),
    ...(unread && { Connection: 'close' }),
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}
