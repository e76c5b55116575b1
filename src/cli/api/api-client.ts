import { Agent, request } from 'undici'

import type { Fault } from '../../base/index.ts'
import { faults } from '../faults.ts'
import type { Connection } from './connection.ts'
import { connectionFault } from './connection-faults.ts'
import { type Entity, textOf } from './entity.ts'

/** The management API, over one trusted connection. Addresses are relative to `/api/v1/`. */
export interface ApiClient {
  readonly base: URL
  /** @throws cli.notFound, cli.forbidden, cli.unauthenticated, cli.requestRefused, faults of the connection */
  readonly entity: (address: string) => Promise<Entity>
  /** Undefined where the server has no such thing. @throws as `entity` */
  readonly find: (address: string) => Promise<Entity | undefined>
  /** All entities, over all pages, or the first `limit`. @throws as `entity` */
  readonly list: (address: string, limit?: number) => Promise<readonly Entity[]>
  /** The content of a media resource; undefined where there is none. @throws as `entity` */
  readonly content: (address: string) => Promise<Buffer | undefined>
  /** What a function answers to GET. @throws as `entity` */
  readonly document: (address: string) => Promise<Buffer>
  /** Changes something and returns the text of the answer. @throws as `entity`, cli.csrf */
  readonly write: (method: 'POST' | 'PUT' | 'DELETE', address: string, body?: object) => Promise<string>
  /** Calls a function by POST and returns what it answers; bytes are sent as they are. @throws as `write` */
  readonly invoke: (
    address: string,
    body?: object | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Buffer>
  readonly close: () => Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export function createApiClient({ base, clientId, clientSecret, ca }: Connection): ApiClient {
  const agent = new Agent({
    connect: { ...(ca !== undefined && { ca }) },
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
  })
  const root = new URL('/api/v1/', base)
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const cookies = new Map<string, string>()
  let token: Promise<string> | undefined

  async function call(
    method: string,
    address: string,
    headers: Record<string, string> = {},
    body?: string | Uint8Array,
  ): Promise<Answer> {
    const url = new URL(address, root)
    // A `next` link of an answer is an address too: credentials go to this server only.
    if (url.origin !== root.origin) throw faults.answerUnreadable({ host: base.host, path: root.pathname })
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = { accept: 'application/json', authorization, ...(cookie !== '' && { cookie }), ...headers }
    try {
      const answer = await request(url, {
        method,
        headers: sent,
        dispatcher: agent,
        ...(body !== undefined && { body }),
      })
      keepCookies(cookies, answer.headers['set-cookie'])
      return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) }
    } catch (error) {
      throw connectionFault(error, url)
    }
  }

  async function read(address: string, headers?: Record<string, string>): Promise<Answer> {
    const answer = await call('GET', address, headers)
    if (answer.status >= 300) throw answerFault(answer, base.host)
    return answer
  }

  async function json(address: string): Promise<{ readonly d: Entity }> {
    const { body } = await read(address)
    try {
      const value = JSON.parse(body.toString()) as { readonly d?: unknown }
      if (typeof value.d === 'object' && value.d !== null) return value as { readonly d: Entity }
    } catch {
      // falls through to the one fault for everything that is not of this API
    }
    throw faults.answerUnreadable({ host: base.host, path: root.pathname + address.replace(/\?.*/, '') })
  }

  async function fetchToken(): Promise<string> {
    const { headers } = await read('', { 'x-csrf-token': 'fetch' })
    return String(headers['x-csrf-token'] ?? '')
  }

  async function write(
    method: string,
    address: string,
    body?: object | Uint8Array,
    more: Readonly<Record<string, string>> = {},
    again = false,
  ): Promise<Buffer> {
    token ??= fetchToken()
    const isRaw = body instanceof Uint8Array
    const contentType = isRaw ? 'application/octet-stream' : 'application/json'
    const typed = body !== undefined && { 'content-type': contentType }
    const headers = { ...more, 'x-csrf-token': await token, ...typed }
    const answer = await call(method, address, headers, isRaw || body === undefined ? body : JSON.stringify(body))
    if (answer.status === 403 && String(answer.headers['x-csrf-token'] ?? '').toLowerCase() === 'required') {
      token = undefined
      if (again) throw faults.csrf({ host: base.host })
      return write(method, address, body, more, true)
    }
    if (answer.status >= 300) throw answerFault(answer, base.host)
    return answer.body
  }

  return {
    base,
    entity: async (address) => (await json(address)).d,
    find: async (address) => absentAsUndefined(async () => (await json(address)).d),
    async list(address, limit = Number.POSITIVE_INFINITY) {
      const found: Entity[] = []
      for (let next: string | undefined = address; next !== undefined && found.length < limit; ) {
        const { d } = await json(next)
        found.push(...(Array.isArray(d) ? (d as Entity[]) : ((d.results ?? []) as Entity[])))
        next = typeof d.__next === 'string' ? d.__next : undefined
      }
      return found.slice(0, limit)
    },
    document: async (address) => (await read(address)).body,
    content: async (address) =>
      absentAsUndefined(async () => {
        const { status, body } = await read(address, { accept: '*/*' })
        return status === 204 ? undefined : body
      }),
    write: async (method, address, body) => (await write(method, address, body)).toString(),
    invoke: (address, body, headers) => write('POST', address, body, headers),
    close: () => agent.close(),
  }
}

async function absentAsUndefined<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    if ((error as Fault).code === 'cli.notFound') return undefined
    throw error
  }
}

function answerFault({ status, body }: Answer, host: string): Fault {
  const words = wordsOfAnswer(body.toString())
  if (status === 401) return faults.unauthenticated({ host })
  if (status === 403) return faults.forbidden({ words: words || `${host} forbids it.` })
  if (status === 404) return faults.notFound({ words: words || 'The server has no such thing.' })
  const distrusted = status === 409 ? distrustedOf(body.toString()) : undefined
  if (distrusted !== undefined) return faults.fingerprintUnverified(distrusted)
  return faults.requestRefused({ status, words: words || 'no reason given.' })
}

/** The entry of the keystore that was not taken because nobody vouches for it. */
function distrustedOf(text: string): { readonly subject: string; readonly fingerprint: string } | undefined {
  try {
    const { d } = JSON.parse(text) as { readonly d?: Entity }
    if (d?.Validity !== 'notTrusted') return undefined
    return { subject: textOf(d, 'SubjectDN'), fingerprint: textOf(d, 'FingerprintSha256') }
  } catch {
    return undefined
  }
}

/** The words of an OData error document, or the first line of whatever came instead. */
function wordsOfAnswer(text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      readonly error?: { readonly message?: string | { readonly value?: string } }
    }
    const message = error?.message
    return (typeof message === 'object' ? message.value : message) ?? ''
  } catch {
    return text.trimStart().startsWith('<') ? '' : (text.trim().split('\n')[0] ?? '').slice(0, 300)
  }
}

function keepCookies(cookies: Map<string, string>, header: string | string[] | undefined): void {
  for (const line of [header ?? []].flat()) {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
}
