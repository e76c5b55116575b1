import { createHmac, timingSafeEqual } from 'node:crypto'
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

import type { KoaContextWithOIDC, Provider } from 'oidc-provider'

import type { Clock } from '../base/index.ts'
import type { Identity } from '../identity/index.ts'
import { refused } from '../inbound/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { ServerAddresses } from './addresses.ts'
import type { AuthenticatedClient } from './authenticate-client.ts'
import type { Peer } from './authorization-server.ts'
import type { Clients } from './clients.ts'
import { codeFlowClient, createCodeFlowProvider, everything } from './code-flow-provider.ts'
import type { GrantRequest } from './grants/contracts.ts'
import type { Granted } from './issue-token.ts'
import { type Asked, consentPage, failurePage, logOnPage, type Page, pageHeaders, sendPage } from './log-on-pages.ts'
import { createModelAdapter, ConsumedAtOnce, hashOfId } from './model-adapter.ts'
import { OAuthRefusal, refusal } from './oauth-refusal.ts'
import type { ModelStore } from './ports.ts'
import { readLogOn } from './read-log-on.ts'
import type { Revocations } from './revocations.ts'

/** Codes, refresh tokens and log-ons: all of the server that has a state. */
export interface CodeFlow {
  /** `authorization_code` and `refresh_token`. @throws OAuthRefusal */
  readonly grant: (request: GrantRequest, grantType: string) => Promise<Granted>
  readonly authorize: (request: IncomingMessage, response: ServerResponse, peer: Peer) => Promise<void>
  readonly logOn: (request: IncomingMessage, response: ServerResponse, peer: Peer, uid: string) => Promise<void>
  /** A refresh token that counts, of this client. */
  readonly findRefreshToken: (
    token: string,
    client: AuthenticatedClient,
  ) => Promise<{ readonly exp: number; readonly user: string } | undefined>
  /** Ends the refresh token and all tokens of its grant. False when it is none of this client. */
  readonly revokeRefreshToken: (token: string, client: AuthenticatedClient) => Promise<boolean>
}

interface Exchange {
  outcome?: {
    readonly status: number
    readonly body: Readonly<Record<string, unknown>>
    readonly ctx: KoaContextWithOIDC
  }
  why?: string
}

export const logOnPath = '/oauth/log-on/'

export function createCodeFlow(given: {
  readonly identity: Identity
  readonly clients: Clients
  readonly models: ModelStore
  readonly revocations: Revocations
  readonly sealer: Sealer
  readonly secret: () => Buffer
  readonly addresses: () => ServerAddresses
  readonly audience: string
  readonly checkPassword: (name: string, password: string, remoteAddress: string) => Promise<string>
  readonly record: (refused: OAuthRefusal['refused'], request: IncomingMessage, peer: Peer) => string
  readonly clock: Clock
}): CodeFlow {
  const { identity, clients, secret, addresses, audience, checkPassword, record } = given
  const exchanges = new WeakMap<object, Exchange>()
  const peers = new WeakMap<object, Peer>()
  const references = new WeakMap<object, string>()
  let loading: Promise<Provider> | undefined

  const load = (): Promise<Provider> => (loading ??= start().catch(startAgain))
  function startAgain(error: unknown): never {
    loading = undefined
    throw error
  }

  async function start(): Promise<Provider> {
    const provider = await createCodeFlowProvider({
      identity,
      addresses: addresses(),
      audience,
      adapter: createModelAdapter({ ...given, findClient: (id) => codeFlowClient(clients, id) }),
      cookieKey: createHmac('sha256', secret()).update('cookies').digest('base64url'),
      pathOfInteraction: (uid) => `${logOnPath}${uid}`,
      renderError: renderFailure,
    })
    provider.use(async (ctx, next) => {
      await next()
      const exchange = exchanges.get(ctx.req)
      if (exchange === undefined) return
      // The answer is ours to give.
      ctx.respond = false
      const body = (ctx.body ?? {}) as Record<string, unknown>
      exchange.outcome = { status: ctx.status, body, ctx: ctx as KoaContextWithOIDC }
    })
    provider.on('grant.error', (ctx, error) => noteWhy(ctx, error))
    provider.on('server_error', (ctx, error) => noteWhy(ctx, error))
    provider.on('authorization.error', (ctx, error) => {
      const { error_description: description, error_detail: detail } = error
      recordRefused(ctx, error.error, [description, detail].filter(Boolean).join('; '))
    })
    return provider
  }

  function noteWhy({ req }: KoaContextWithOIDC, error: Error & { error_detail?: unknown }): void {
    const exchange = exchanges.get(req)
    if (exchange === undefined) return
    exchange.why = error instanceof ConsumedAtOnce ? consumed : String(error.error_detail ?? error.message)
  }

  function recordRefused({ req }: KoaContextWithOIDC, error: string, why: string): void {
    const peer = peers.get(req)
    if (peer === undefined) return
    references.set(req, record(refused('oauth.authorizationRefused', { error, why: why.slice(0, 300) }), req, peer))
  }

  function renderFailure(ctx: KoaContextWithOIDC, error: string): void {
    const page = failurePage(
      ctx.status,
      wordsOf[error] ?? 'The request to log on is not right.',
      references.get(ctx.req),
    )
    ctx.set({ ...pageHeaders(page) })
    ctx.type = 'text/html; charset=utf-8'
    ctx.body = page.html
  }

  const formToken = (uid: string): string => createHmac('sha256', secret()).update(`log-on ${uid}`).digest('base64url')

  function askedOf(uid: string, params: Readonly<Record<string, unknown>>): Asked {
    const client = clients.keysOf(String(params['client_id']))[0]
    const scopes = String(params['scope'] ?? '').split(' ')
    return {
      client: client?.instance.name ?? String(params['client_id']),
      scopes: scopes.filter((scope) => scope !== '' && scope !== everything),
      redirectUri: String(params['redirect_uri']),
      action: `${logOnPath}${uid}`,
      token: formToken(uid),
    }
  }

  /** What a form decides: a user who may go on, or a page that says why not. */
  async function decide(
    form: URLSearchParams,
    known: string | undefined,
    asked: Asked,
    peer: Peer,
    request: IncomingMessage,
  ): Promise<string | Page | undefined> {
    if (form.get('decision') !== 'allow') return undefined
    if (known !== undefined) return known
    if (!identity.policy().methods.includes('password'))
      return logOnPage(asked, { words: 'Passwords are not accepted here.', status: 403 })
    try {
      return await checkPassword(form.get('username') ?? '', form.get('password') ?? '', peer.remoteAddress)
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error
      const reference = record(error.refused, request, peer)
      const slow = error.refused.status === 429
      const words = slow
        ? 'There were too many wrong passwords. Wait a minute, then try again.'
        : 'User name or password is wrong.'
      return logOnPage(asked, { words: `${words} Reference: ${reference}`, status: slow ? 429 : 401 })
    }
  }

  async function finish(
    provider: Provider,
    uid: string,
    request: IncomingMessage,
    response: ServerResponse,
    peer: Peer,
  ) {
    const details = await provider.interactionDetails(request, response)
    if (details.uid !== uid) return sendPage(response, failurePage(400, gone, undefined))
    const asked = askedOf(uid, details.params)
    const { accountId } = details.session ?? {}
    const known = details.prompt.name === 'login' || accountId === undefined ? undefined : accountId
    if (request.method !== 'POST')
      return sendPage(response, known === undefined ? logOnPage(asked) : consentPage(asked, known))
    const form = await readLogOn(request)
    if (!isSame(form.get('token') ?? '', asked.token)) return sendPage(response, failurePage(400, foreign, undefined))
    const user = await decide(form, known, asked, peer, request)
    if (typeof user === 'object') return sendPage(response, user)
    if (user === undefined) {
      const denied = { error: 'access_denied', error_description: 'the user has not allowed it' }
      return provider.interactionFinished(request, response, denied, { mergeWithLastSubmission: false })
    }
    const grant = new provider.Grant({ accountId: user, clientId: String(details.params['client_id']) })
    grant.addResourceScope(audience, String(details.params['scope'] ?? everything))
    const consent = { grantId: await grant.save() }
    await provider.interactionFinished(request, response, { login: { accountId: user, remember: false }, consent })
  }

  return {
    async grant({ client, form }, grantType) {
      const provider = await load()
      const names = grantType === 'refresh_token' ? ['refresh_token'] : ['code', 'redirect_uri', 'code_verifier']
      const parameters = new URLSearchParams({ grant_type: grantType, client_id: client.clientId })
      for (const name of names) {
        const value = form.get(name)
        if (value !== undefined) parameters.set(name, value)
      }
      form.need(names[0] ?? '')
      const exchange: Exchange = {}
      const request = replayed(parameters.toString(), addresses().issuer)
      exchanges.set(request, exchange)
      await provider.callback()(request, new ServerResponse(request))
      return grantedBy(exchange, client, grantType, form.get('scope'))
    },
    async authorize(request, response, peer) {
      const provider = await load()
      peers.set(request, peer)
      if (!resumes(request)) request.url = withScope(request.url ?? '')
      await provider.callback()(request, response)
    },
    async logOn(request, response, peer, uid) {
      const provider = await load()
      peers.set(request, peer)
      if (request.method === 'POST' && isForeign(request)) {
        request.resume()
        return sendPage(response, failurePage(403, foreign, undefined))
      }
      try {
        await finish(provider, uid, request, response, peer)
      } catch (error) {
        if ((error as { readonly error?: unknown }).error !== 'invalid_request') throw error
        sendPage(response, failurePage(400, gone, undefined))
      }
    },
    async findRefreshToken(token, client) {
      const found = await (await load()).RefreshToken.find(token)
      if (found?.clientId !== client.clientId || found.isExpired || found.consumed) return undefined
      return { exp: found.exp ?? 0, user: found.accountId ?? '' }
    },
    async revokeRefreshToken(token, client) {
      const provider = await load()
      const found = await provider.RefreshToken.find(token)
      if (found?.clientId !== client.clientId) return false
      const { grantId } = found
      await found.destroy()
      if (grantId !== undefined) {
        await provider.RefreshToken.revokeByGrantId(grantId)
        await provider.AccessToken.revokeByGrantId(grantId)
        await given.models.remove('Grant', hashOfId(grantId))
      }
      return true
    },
  }
}

const consumed = 'it was used before'
const gone = 'This log-on has ended or was begun in another browser. Go back to the application and begin again.'
const foreign = 'This form came from another site.'
const wordsOf: Readonly<Record<string, string>> = {
  invalid_client: 'The application is not known here, or may not let users log on.',
  invalid_redirect_uri: 'The application wants to go back to an address that is not registered for it.',
  server_error: 'Something went wrong here. Try again in a moment.',
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one.padEnd(other.length)), Buffer.from(other))

/** What a browser says of a form that another site has sent. */
function isForeign({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  return (
    (site !== undefined && site !== 'same-origin') || (origin !== undefined && origin !== `https://${headers.host}`)
  )
}

const resumes = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/oauth/authorize/')

/** Asks for everything where nothing is asked for: the library grants no empty scope. */
function withScope(url: string): string {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
  const parameters = new URLSearchParams(query)
  if (parameters.getAll('scope').length > 1) return `/oauth/authorize?${query}`
  const scopes = (parameters.get('scope') ?? '')
    .split(' ')
    .filter((scope) => !['', 'openid', 'offline_access'].includes(scope))
  parameters.set('scope', scopes.length === 0 ? everything : scopes.join(' '))
  return `/oauth/authorize?${parameters}`
}

/** The request as the library would have read it, with nothing in it that was not checked. */
function replayed(body: string, issuer: string): IncomingMessage {
  const { host } = new URL(issuer)
  const headers = {
    host,
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  }
  const request = Object.assign(Readable.from([Buffer.from(body)]), {
    method: 'POST',
    url: '/oauth/token',
    headers,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    socket: { encrypted: true, remoteAddress: '127.0.0.1', writable: true },
  })
  return request as unknown as IncomingMessage
}

/** What the library has decided, as any other grant. */
function grantedBy(
  { outcome, why = '' }: Exchange,
  client: AuthenticatedClient,
  grantType: string,
  scope?: string,
): Granted {
  if (outcome === undefined) throw new Error('the library gave no answer')
  const { body, status, ctx } = outcome
  if (why === consumed) throw refusal('oauth.grantInvalid', { why })
  if (status >= 500) throw new Error(`the library failed: ${why}`)
  const { AccessToken: token } = ctx.oidc.entities
  if (status !== 200 || token === undefined) {
    const error = typeof body['error'] === 'string' ? body['error'] : 'invalid_grant'
    const words = why || String(body['error_description'] ?? error)
    throw new OAuthRefusal(refused('oauth.grantInvalid', { why: words.slice(0, 300) }), error)
  }
  const scopes = (token.scope ?? '').split(' ')
  const refreshToken = body['refresh_token']
  return {
    client,
    grantType,
    user: { name: token.accountId ?? '', attributes: {}, groups: [], provider: undefined, actors: [] },
    scope,
    within: scopes.includes(everything) ? undefined : scopes,
    grantId: token.grantId === undefined ? undefined : hashOfId(token.grantId),
    ...(typeof refreshToken === 'string' && { more: { refresh_token: refreshToken } }),
  }
}
