import type { SecureContext } from 'node:tls'

import { faults } from './faults.ts'
import type { LentMaterial } from './materials.ts'

/** What a token service answered (RFC 6749, 5.1). */
export interface TokenAnswer {
  readonly accessToken: string
  readonly tokenType: string
  /** Seconds. */
  readonly expiresIn: number
  readonly refreshToken: string | undefined
}

/** What TLS connections are opened with, such as the certificates that servers are trusted by. */
export type ConnectOptions = () => Promise<{ readonly secureContext?: SecureContext }>

const timeout = 15_000
const mostBytes = 262_144
/** For services that do not say how long a token holds (RFC 6749, 5.1, recommends that they do). */
const usualLife = 3600

/**
 * Asks the token service of a material. No redirect is followed: it would carry the secrets elsewhere. What the
 * service says in words is not repeated, as it may hold what was sent.
 * @throws secrets.tokenRefused, secrets.tokenServiceUnreachable, secrets.tokenAnswerInvalid
 */
export async function askForToken(
  name: string,
  { shown, secret }: LentMaterial,
  grant: Readonly<Record<string, string>>,
  {
    inAddress = {},
    connect,
  }: { readonly inAddress?: Readonly<Record<string, string>>; readonly connect?: ConnectOptions | undefined },
): Promise<TokenAnswer> {
  const url = new URL(shown['tokenServiceUrl'] ?? '')
  for (const [parameter, value] of Object.entries(inAddress)) url.searchParams.set(parameter, value)
  const clientId = shown['clientId'] ?? ''
  const clientSecret = secret['clientSecret'] ?? ''
  const byHeader = shown['sendAs'] === 'header'
  const body = new URLSearchParams({
    ...grant,
    ...(!byHeader && { client_id: clientId, client_secret: clientSecret }),
  })
  // RFC 6749, 2.3.1: both are form-encoded before they become one word.
  const basic = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({ connect: { timeout, ...(await connect?.()) } })
  let status: number
  let text: string
  try {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(byHeader && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
      },
      body: body.toString(),
      headersTimeout: timeout,
      bodyTimeout: timeout,
      signal: AbortSignal.timeout(timeout),
    })
    status = answer.statusCode
    text = await readAll(answer.body)
  } catch (cause) {
    throw faults.tokenServiceUnreachable({ name, host: url.host, why: reasonOf(cause) }, { cause })
  } finally {
    dispatcher.destroy().catch(() => {})
  }
  const answer = jsonOf(text)
  if (status !== 200) throw faults.tokenRefused({ name, status, error: errorOf(answer) })
  const {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresIn,
    refresh_token: refreshToken,
  } = answer
  if (typeof accessToken !== 'string' || accessToken === '')
    throw faults.tokenAnswerInvalid({ name, why: 'it holds no access token' })
  const seconds = Number(expiresIn)
  return {
    accessToken,
    tokenType: typeof tokenType === 'string' ? tokenType : 'Bearer',
    expiresIn: seconds > 0 ? seconds : usualLife,
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  }
}

const formEncoded = (value: string): string => new URLSearchParams({ v: value }).toString().slice(2)

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

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** The error code of RFC 6749, 5.2, and nothing that could be a secret. */
const errorOf = ({ error }: Readonly<Record<string, unknown>>): string =>
  typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : 'no reason that is known'

function reasonOf(cause: unknown): string {
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown }
  if (name === 'TimeoutError') return 'it did not answer in time'
  if (cause instanceof RangeError) return 'its answer is too large'
  return typeof code === 'string' ? code : 'the connection failed'
}
