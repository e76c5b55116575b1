/**
 * A small https server that speaks like the management API, for tests of its clients: Basic authentication, CSRF
 * token bound to a cookie, OData v2 JSON. What it answers is a table from `METHOD path` (decoded, with or without the
 * query) to the value of `d`, or to a function. It keeps every request.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { systemClock } from '../../src/base/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../../src/keystore/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Received {
  readonly method: string
  /** Decoded, relative to the service, with its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text or bytes as they are. */
  readonly raw?: string | Buffer
  /** Becomes `{"d": …}`. */
  readonly d?: unknown
}

export type Routes = Record<string, Reply | ((request: Received) => Reply)>

export const clientId = 'sb-test!b1'
export const clientSecret = 'the-secret-of-the-key'

/** An OData error document. */
export const errorReply = (status: number, code: string, words: string): Reply => ({
  status,
  raw: JSON.stringify({ error: { code, message: { lang: 'en', value: words } } }),
})

export async function serveManagementApi(
  routes: Routes,
  /** Answers what the table does not. */
  otherwise: (request: Received) => Reply | Promise<Reply> = () =>
    errorReply(404, 'api.entityUnknown', 'Requested entity could not be found.'),
) {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  const certificate = await ca.issueServer({ hostNames: ['localhost', '127.0.0.1'] })
  const client = await ca.issueClient({ commonName: 'sender', days: 1, keySize: 2048 })
  const received: Received[] = []
  const tokens: string[] = []
  const server = createServer(
    { cert: certificate.chain, key: certificate.key, ca: made.chain, requestCert: true, rejectUnauthorized: false },
    (request, response) => void answer(request, response),
  )

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const url = decodeURIComponent(request.url ?? '')
    const method = request.method ?? ''
    const isApi = url.startsWith('/api/v1/')
    const one = { method, path: isApi ? url.slice('/api/v1/'.length) : url, headers: request.headers, body }
    received.push(one)
    write(response, (isApi ? gate(one) : undefined) ?? (await find(one)))
  }

  /** What the API checks before anything else. */
  function gate({ method, path, headers }: Received): Reply | undefined {
    const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    if (headers.authorization !== expected) return errorReply(401, 'api.unauthenticated', 'Who are you?')
    if (method === 'GET' && path === '' && headers['x-csrf-token'] === 'fetch') {
      tokens.push(`token-${tokens.length + 1}`)
      const token = tokens.at(-1) ?? ''
      return {
        d: { EntitySets: [] },
        headers: { 'x-csrf-token': token, 'set-cookie': `session=${token}; Secure; HttpOnly` },
      }
    }
    const token = tokens.at(-1)
    if (method === 'GET' || (headers['x-csrf-token'] === token && headers.cookie === `session=${token}`))
      return undefined
    return { ...errorReply(403, 'api.csrf', 'CSRF token required'), headers: { 'x-csrf-token': 'required' } }
  }

  function find(request: Received): Reply | Promise<Reply> {
    const full = `${request.method} ${request.path}`
    const route = routes[full] ?? routes[full.replace(/\?.*$/s, '')]
    if (route === undefined) return otherwise(request)
    return typeof route === 'function' ? route(request) : route
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  const folder = temporaryFolder('cli')
  const quickstart = join(folder, 'data', 'quickstart')
  mkdirSync(quickstart, { recursive: true })
  const key = (oauth: object): string => JSON.stringify({ oauth })
  const files = {
    'ca.pem': made.chain,
    'client.pem': client.chain,
    'client.key': client.key,
    'api-key.json': key({ clientid: clientId, clientsecret: clientSecret, url, tokenurl: `${url}/oauth/token` }),
    'service-key.json': key({
      clientid: 'sender',
      clientsecret: 'secret-of-the-sender',
      url,
      tokenurl: `${url}/oauth/token`,
    }),
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(quickstart, name), content)

  return {
    url,
    /** Working folder with `data/quickstart` as the first start leaves it. */
    folder,
    received,
    routes,
    ca,
    caCertificate: made.chain,
    caKey: made.key,
    /** The newest token is forgotten, as after a restart of the server. */
    expireToken: () => void tokens.push('expired'),
    /** `METHOD path` of all that changed something. */
    writes: () => received.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function write(response: ServerResponse, { status = 200, headers = {}, raw, d }: Reply): void {
  const content = raw ?? (d === undefined ? '' : JSON.stringify({ d }))
  response.writeHead(status, headers)
  response.end(content)
}
