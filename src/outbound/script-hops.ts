import type { LentSecrets, ScriptRequest } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { Answer, AnswerHeaders } from './http-client.ts'

/** One request on the way of a script through redirects. */
export interface Hop {
  readonly url: URL
  readonly method: string
  /** Names and values one after the other. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
  /** `host:port`, as the manifest of a flow names it. */
  readonly host: string
  readonly port: number
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'OPTIONS'])
/** Headers of the transfer, which whoever sends it makes; Java leaves them out for scripts, too. In lower case. */
const transfer = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** Headers that say who calls, in lower case. */
const credentials = new Set(['authorization', 'cookie'])
const portOf: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** @throws outbound.scriptRequestInvalid */
export function hopOf({ method, url: written, headers, body }: ScriptRequest): Hop {
  // The words of the script may hold what nobody else should see.
  if (!methods.has(method)) throw faults.scriptRequestInvalid({ why: 'its method is none that can be called' })
  const url = URL.parse(written)
  if (url === null || portOf[url.protocol] === undefined)
    throw faults.scriptRequestInvalid({ why: 'its address is no URL that begins with http:// or https://' })
  return made(
    url,
    method,
    without(headers, (name) => transfer.has(name)),
    body ?? null,
  )
}

function made(url: URL, method: string, headers: readonly string[], body: Buffer | null): Hop {
  const port = url.port === '' ? (portOf[url.protocol] ?? 0) : Number(url.port)
  return { url, method, headers, body, host: `${url.hostname}:${port}`, port }
}

/**
 * Where the answer redirects to, as Java follows it: only within its protocol, and with GET after a POST unless the
 * status keeps the method (RFC 9110, 15.4). What shows who calls does not go to another host, nor does a header with a
 * secret that was lent to the message.
 */
export function redirected(hop: Hop, { status, headers }: Answer, lent: LentSecrets): Hop | undefined {
  const location = headers['location']
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined
  const url = URL.parse(location, hop.url)
  if (url === null || url.protocol !== hop.url.protocol) return undefined
  const asGet = status < 307 && (hop.method === 'POST' || (status === 303 && hop.method !== 'HEAD'))
  const kept = without(hop.headers, (name, value) => {
    if (asGet && name.startsWith('content-')) return true
    return url.host !== hop.url.host && (credentials.has(name) || lent.foundIn(value).length > 0)
  })
  return asGet ? made(url, 'GET', kept, null) : made(url, hop.method, kept, hop.body)
}

/** The headers that are not said to be left out, by their names in lower case. */
function without(headers: readonly string[], out: (name: string, value: string) => boolean): readonly string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2)
    if (!out(name.toLowerCase(), value)) kept.push(name, value)
  }
  return kept
}

export const pairsOf = (headers: AnswerHeaders): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).flatMap((one) => [name, one]),
  )
