import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'

import { systemClock } from '../../src/base/index.ts'
import type { LentKey, OAuthCredential, OutboundService, Principal, TrustedServers } from '../../src/flow/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../../src/keystore/index.ts'
import { principalOf } from './http-request.ts'

/** A request for a token as the token service saw it. */
export interface Asked {
  readonly query: URLSearchParams
  readonly body: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** Common name of the client certificate; undefined without one. */
  readonly certificate: string | undefined
}

/** What the receiver saw of a call. */
export interface Served {
  readonly user: string
  readonly socket: TLSSocket
  readonly headers: IncomingMessage['headers']
}

export interface ReceiverWorld extends AsyncDisposable {
  readonly origin: string
  readonly asked: Asked[]
  readonly served: Served[]
  /** Answers of the token service in place of a token; an answer undefined issues one. */
  tokenAnswer: ((asked: Asked, response: ServerResponse) => void) | undefined
  /** The user that a request for a token is for. */
  userOf: (asked: Asked) => string | Promise<string>
  /** Seconds for which tokens hold. */
  expiresIn: number
  /** Sets a cookie of the session of whoever calls. */
  sessions: boolean
  /** Tokens are taken no more. */
  readonly revoke: () => void
  /** As it was in the beginning, for the next test. */
  readonly reset: () => void
  readonly keys: { readonly users: LentKey; readonly client: LentKey; readonly renewed: LentKey }
  readonly credentials: Map<string, OAuthCredential>
  readonly outbound: Partial<OutboundService>
}

export const lentKey = (alias: string, { chain, key }: { chain: string; key: string }): LentKey => ({
  alias,
  id: createHash('sha256').update(new X509Certificate(chain).raw).digest('hex'),
  chain,
  key: createPrivateKey(key),
})

/** A token service and a receiver in one server, over real TLS, that knows each caller by token, password or certificate. */
export async function receiverWorld(): Promise<ReceiverWorld> {
  const issued = await createBuiltInCa({ clock: systemClock, name: 'Receivers' })
  const users = await createBuiltInCa({ clock: systemClock, name: 'Users' })
  const ca = openBuiltInCa({ certificate: issued.chain, key: issued.key, clock: systemClock })
  const certificate = await ca.issueServer({ hostNames: ['localhost'] })
  const client = lentKey('client', await ca.issueClient({ commonName: 'client-1', days: 1, keySize: 2048 }))
  const renewed = lentKey('client', await ca.issueClient({ commonName: 'client-2', days: 1, keySize: 2048 }))
  const trusted: TrustedServers = { id: 'world', certificates: [issued.chain] }
  const tokens = new Map<string, string>()
  const credentials = new Map<string, OAuthCredential>()
  let drawn = 0

  const server: Server = createServer(
    {
      cert: certificate.chain,
      key: certificate.key,
      ca: [issued.chain, users.chain],
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        void (request.url?.startsWith('/token') ? token(request, chunks, response) : serve(request, response))
      })
    },
  )

  async function token(request: IncomingMessage, chunks: readonly Buffer[], response: ServerResponse): Promise<void> {
    const text = Buffer.concat(chunks).toString()
    const json = request.headers['content-type'] === 'application/json'
    const body = new URLSearchParams(json ? (JSON.parse(text) as Record<string, string>) : text)
    const asked: Asked = {
      query: new URL(request.url ?? '', 'https://x').searchParams,
      body,
      headers: request.headers,
      certificate: certificateOf(request),
    }
    world.asked.push(asked)
    if (world.tokenAnswer !== undefined) return world.tokenAnswer(asked, response)
    try {
      const user = await world.userOf(asked)
      drawn += 1
      const value = `at-${drawn}-${Buffer.from(user).toString('base64url')}`
      tokens.set(value, user)
      respond(response, 200, { access_token: value, token_type: 'bearer', expires_in: world.expiresIn })
    } catch (error) {
      respond(response, 400, { error: 'invalid_grant', error_description: String(error) })
    }
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const [, bearer] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const header = request.headers['ssl_client_cert']
    const user =
      bearer !== undefined
        ? tokens.get(bearer)
        : basic !== undefined
          ? Buffer.from(basic, 'base64').toString().split(':', 1)[0]
          : typeof header === 'string'
            ? commonName(new X509Certificate(Buffer.from(header, 'base64')))
            : certificateOf(request)
    if (user === undefined) return respond(response, 401, { error: 'unauthorized' })
    world.served.push({ user, socket: request.socket as TLSSocket, headers: request.headers })
    if (world.sessions) response.setHeader('Set-Cookie', `session=${encodeURIComponent(user)}; Path=/`)
    // Some receivers send back what they were sent.
    respond(response, 200, { user, seen: request.headers.authorization })
  }

  const world: ReceiverWorld = {
    origin: '',
    asked: [],
    served: [],
    tokenAnswer: undefined,
    userOf: () => 'client',
    expiresIn: 3_600,
    sessions: false,
    revoke: () => tokens.clear(),
    reset() {
      world.asked.length = 0
      world.served.length = 0
      credentials.clear()
      tokens.clear()
      Object.assign(world, { tokenAnswer: undefined, userOf: () => 'client', expiresIn: 3_600, sessions: false })
    },
    keys: { users: lentKey('users', users), client, renewed },
    credentials,
    outbound: {
      oauthCredential: async (alias) => {
        const found = credentials.get(alias)
        if (found === undefined) throw new Error(`there is no credential ${alias}`)
        return found
      },
      keyPair: async (alias) => ({ users: world.keys.users, client, '': client })[alias],
      trustedServers: async () => trusted,
      mayImpersonate: async () => {},
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(world, { origin: `https://localhost:${port}` })
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function certificateOf(request: IncomingMessage): string | undefined {
  const socket = request.socket as TLSSocket
  return socket.authorized ? commonName(socket.getPeerX509Certificate()) : undefined
}

const commonName = (certificate: X509Certificate | undefined): string | undefined =>
  certificate?.subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice(3)

/** A caller as the front door would have found it. */
export const principal = (name: string, attributes: Readonly<Record<string, string>> = {}): Principal =>
  principalOf(name, {
    method: 'bearer',
    clientId: 'client-of-the-sender',
    issuer: 'https://idp.example',
    attributes,
  })

export const oauthCredential = (
  world: Pick<ReceiverWorld, 'origin'>,
  given: {
    readonly alias?: string
    readonly shown?: Record<string, string>
    readonly secret?: Record<string, string>
  } & {
    readonly type?: OAuthCredential['type']
  } = {},
): OAuthCredential => ({
  alias: given.alias ?? 'Client',
  type: given.type ?? 'OAuth2ClientCredential',
  shown: {
    tokenServiceUrl: `${world.origin}/token`,
    clientId: 'c-1',
    grantType: 'body',
    clientAuthentication: 'body',
    contentType: 'urlencoded',
    customParameters: '[]',
    keyPairAlias: '',
    ...given.shown,
  },
  secret: { clientSecret: 's3cret+/ä', ...given.secret },
})
