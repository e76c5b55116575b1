/** Calls a running Sluice as its senders and its administrators do: over connections that stay open. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'

import type { RunningSluice } from './sluice.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly bytes: Buffer
  /** Id of the message in the log; '' where there was none. */
  readonly messageId: string
}

export interface Asked {
  readonly method?: string
  readonly body?: string | Buffer | AsyncIterable<Buffer>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Caller {
  /** Rejects when there is no answer; never calls a second time. */
  readonly call: (path: string, asked?: Asked) => Promise<Answer>
  readonly close: () => void
}

export type By = 'certificate' | 'secret' | 'api key' | 'nobody' | { readonly user: string; readonly password: string }

export interface KeyFile {
  readonly oauth: { readonly clientid: string; readonly clientsecret: string }
}

/** The content of `service-key.json` or `api-key.json`. */
export const keyFile = (sluice: Pick<RunningSluice, 'file'>, name: string): KeyFile['oauth'] =>
  (JSON.parse(readFileSync(sluice.file(name), 'utf8')) as KeyFile).oauth

function basicOf(sluice: Pick<RunningSluice, 'file'>, by: By): string | undefined {
  if (by === 'certificate' || by === 'nobody') return undefined
  if (typeof by === 'object') return `${by.user}:${by.password}`
  const { clientid, clientsecret } = keyFile(sluice, by === 'secret' ? 'service-key.json' : 'api-key.json')
  return `${clientid}:${clientsecret}`
}

/** A caller with the credentials of the quickstart folder. */
export function createCaller(
  base: string,
  sluice: Pick<RunningSluice, 'file'>,
  { by = 'certificate', connections = 16 }: { readonly by?: By; readonly connections?: number } = {},
): Caller {
  const pem = (name: string): Buffer => readFileSync(sluice.file(name))
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connections,
    ca: pem('ca.pem'),
    ...(by === 'certificate' && { cert: pem('client.pem'), key: pem('client.key') }),
  })
  const basic = basicOf(sluice, by)
  return {
    call: (path, { method, body, headers } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request(
          new URL(path, base),
          {
            agent,
            method: method ?? (body === undefined ? 'GET' : 'POST'),
            headers: {
              ...(basic !== undefined && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
              ...headers,
            },
          },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('error', reject)
            response.on('end', () => {
              const bytes = Buffer.concat(chunks)
              const { statusCode = 0, headers: answered } = response
              const messageId = String(answered.sap_messageprocessinglogid ?? '')
              resolve({ status: statusCode, headers: answered, text: bytes.toString(), bytes, messageId })
            })
          },
        )
        sent.on('error', reject)
        if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) sent.end(body)
        else void write(sent, body).catch(reject)
      }),
    close: () => agent.destroy(),
  }
}

/** What a call on a connection of its own is answered with: no other call, and no restart in between, matters to it. */
export async function textOf(
  base: string,
  sluice: Pick<RunningSluice, 'file'>,
  path: string,
  body?: string,
): Promise<string> {
  const caller = createCaller(base, sluice)
  try {
    return (await caller.call(path, body === undefined ? {} : { body })).text
  } finally {
    caller.close()
  }
}

async function write(sent: ReturnType<typeof request>, body: AsyncIterable<Buffer>): Promise<void> {
  const gone = once(sent, 'close').catch(() => undefined)
  for await (const chunk of body) {
    // The answer may come before the end of the body, and the connection go with it.
    if (sent.destroyed) return
    if (!sent.write(chunk)) await Promise.race([once(sent, 'drain'), gone])
  }
  sent.end()
}

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
type Row = any

/** The management API: what `d` holds, and all rows of a list, page by page. Rejects unless the status is 2xx. */
export function createApiCaller(sluice: Pick<RunningSluice, 'file' | 'controlUrl'>, by: By = 'api key') {
  const caller = createCaller(sluice.controlUrl, sluice, { by, connections: 4 })
  async function read(path: string): Promise<Row> {
    const { status, text } = await caller.call(`/api/v1/${path}`, { headers: { accept: 'application/json' } })
    if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`)
    return (JSON.parse(text) as { d: Row }).d
  }
  let token: Promise<Readonly<Record<string, string>>> | undefined
  async function fetchToken(): Promise<Readonly<Record<string, string>>> {
    const { headers } = await caller.call('/api/v1/', { headers: { 'x-csrf-token': 'fetch' } })
    const cookies = (headers['set-cookie'] ?? []) as string[]
    const cookie = cookies.map((each) => each.split(';')[0]).join('; ')
    return { 'x-csrf-token': String(headers['x-csrf-token']), cookie }
  }
  return {
    ...caller,
    read,
    /** Changes something, as JSON where there is a body. */
    async write(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
      token ??= fetchToken()
      const headers = { accept: 'application/json', 'content-type': 'application/json', ...(await token) }
      return caller.call(`/api/v1/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    },
    async all(path: string): Promise<Row[]> {
      const rows: Row[] = []
      for (let next: string | undefined = path; next !== undefined; ) {
        const page: Row = await read(next)
        rows.push(...page.results)
        const following: string | undefined = page.__next
        next = following?.replace(/^.*\/api\/v1\//, '')
      }
      return rows
    },
  }
}

/** Status of every message in the log by its id, once none is at work any more. */
export async function messageStatuses(
  sluice: Pick<RunningSluice, 'file' | 'controlUrl'>,
  within = 30_000,
): Promise<ReadonlyMap<string, string>> {
  const api = createApiCaller(sluice)
  try {
    let before = -1
    for (const end = Date.now() + within; ; await wait(300)) {
      const rows = await api.all('MessageProcessingLogs?$select=MessageGuid,Status&$orderby=LogStart%20asc')
      const atWork = rows.some(({ Status }) => Status === 'PROCESSING')
      if ((!atWork && rows.length === before) || Date.now() > end)
        return new Map(rows.map(({ MessageGuid, Status }) => [MessageGuid, Status]))
      before = rows.length
    }
  } finally {
    api.close()
  }
}

/** Asks until it is so; rejects when it is not in time. An answer that fails counts as no. */
export async function until(what: string, ask: () => unknown, within = 20_000): Promise<void> {
  let last: unknown
  for (const end = Date.now() + within; Date.now() < end; await wait(50)) {
    try {
      if (await ask()) return
      last = undefined
    } catch (error) {
      last = error
    }
  }
  throw new Error(`${what}: not within ${within} ms`, { cause: last })
}

/** How often each occurs. */
export function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
