import type { Clock } from '../base/index.ts'
import type { LentKey, OAuthCredential, TrustedServers } from '../flow/index.ts'
import { faults } from './faults.ts'
import { connectOptions } from './tls.ts'
import type { Token } from './token-cache.ts'

export type Parameters = Readonly<Record<string, string>>

/** A request for a token, with whatever proves who the client is already in it. */
export interface TokenRequest {
  readonly credential: OAuthCredential
  /** Empty where all stands in body or headers. */
  readonly inUrl: Parameters
  readonly inBody: Parameters
  readonly headers: Parameters
  readonly form: 'urlencoded' | 'json'
  /** Shown in the TLS handshake (RFC 8705). */
  readonly keyPair: LentKey | undefined
}

/** Milliseconds for the whole exchange. */
const timeout = 20_000
const mostBytes = 262_144
/** For services that do not say how long a token holds (RFC 6749, 5.1, recommends that they do). */
const usualLife = 3_600
const longestLife = 86_400 * 365

/**
 * Asks a token service (RFC 6749, 5). No redirect is followed: it would carry the secrets elsewhere. What the service
 * says in words is not repeated, as it may hold what was sent.
 * @throws outbound.tokenServiceUnreachable, outbound.tokenRefused, outbound.tokenAnswerInvalid
 */
export async function askForToken(ask: TokenRequest, trusted: TrustedServers, clock: Clock): Promise<Token> {
  const { credential, form, inUrl, inBody, headers } = ask
  const { alias } = credential
  const url = new URL(credential.shown['tokenServiceUrl'] ?? '')
  for (const [name, value] of Object.entries(inUrl)) url.searchParams.set(name, value)
  const { host } = url
  const { Agent, request } = await import('undici')
  // A connection of its own: tokens are rare, and one with a client certificate is never lent to another client.
  const dispatcher = new Agent({ connect: { timeout, ...connectOptions(trusted, ask.keyPair) } })
  const issuedAt = clock.now()
  let status: number
  let text: string
  try {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': form === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: form === 'json' ? JSON.stringify(inBody) : new URLSearchParams(inBody).toString(),
      signal: AbortSignal.timeout(timeout),
    })
    status = answer.statusCode
    text = await readAll(answer.body)
  } catch (cause) {
    throw faults.tokenServiceUnreachable({ alias, host, why: reasonOf(cause) }, { cause: nameless(cause) })
  } finally {
    dispatcher.destroy().catch(() => {})
  }
  const answer = jsonOf(text)
  if (status !== 200) throw faults.tokenRefused({ alias, host, status, error: errorOf(answer) })
  const refuse = (why: string) => faults.tokenAnswerInvalid({ alias, host, why })
  if (answer === undefined) throw refuse(/^\s*</.test(text) ? 'it is a page, no JSON' : 'it is no JSON object')
  const { access_token: value, token_type: type = 'Bearer', expires_in: expiresIn } = answer
  if (typeof value !== 'string' || value === '') throw refuse('it holds no access token')
  // RFC 6750, 2.1: what is no b64token would break the header.
  if (!/^[A-Za-z0-9\-._~+/!$%&'()*,:;=@|]+$/.test(value))
    throw refuse('its access token has characters that no header can have')
  if (typeof type !== 'string' || !/^bearer$/i.test(type)) throw refuse('its token is of another type than Bearer')
  return {
    value,
    issuedAt,
    expiresAt: issuedAt + lifeOf(expiresIn) * 1_000,
    secret: { alias, user: '', values: [value] },
  }
}

function lifeOf(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' ? Number.parseInt(expiresIn, 10) : expiresIn
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, longestLife) : usualLife
}

async function readAll(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new RangeError('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The error code of RFC 6749, 5.2, and nothing that could be a secret. */
const known = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'unauthorized',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
])

const errorOf = (answer: Readonly<Record<string, unknown>> | undefined): string => {
  const error = answer?.['error']
  return typeof error === 'string' && known.has(error) ? `error ${error}` : 'without an error code that is known'
}

function reasonOf(cause: unknown): string {
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown }
  if (name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT') return 'it did not answer in time'
  if (cause instanceof RangeError) return 'its answer is too large'
  return typeof code === 'string' ? code : 'the connection failed'
}

/** What goes into the log of an error from the network: its words may hold what was sent. */
const nameless = (cause: unknown): Error => new Error(reasonOf(cause))
