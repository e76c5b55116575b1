import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createSecureContext, type TLSSocket } from 'node:tls'

import { wordsOf } from '../base/index.ts'
import { type Connection, connectionOf } from './connection.ts'
import { faults } from './faults.ts'
import type { Handler } from './handler.ts'
import { plainAddress } from './networks.ts'
import { type RecordRefusal, sceneOf } from './record.ts'
import { answerText, type Refused, refused } from './refusals.ts'
import { refusalOfHandshake, refusalOfParser } from './tls-failures.ts'
import { sendRefusal } from './answer.ts'

/** Bounds on what a client may hold. Times in milliseconds, sizes in bytes. */
export interface ListenerLimits {
  readonly handshake: number
  readonly headers: number
  /** For the whole request with its body. */
  readonly request: number
  readonly keepAlive: number
  readonly headerSize: number
  readonly connections: number
  /** Of one remote address; a proxy with many clients needs many. */
  readonly connectionsPerAddress: number
}

export const defaultListenerLimits: ListenerLimits = {
  handshake: 20_000,
  headers: 20_000,
  // The original advises to design for calls of less than ten minutes.
  request: 600_000,
  keepAlive: 65_000,
  headerSize: 32 * 1024,
  connections: 10_000,
  connectionsPerAddress: 1000,
}

/** A server certificate: PEM, leaf first, and its private key. */
export interface ServerCertificate {
  readonly chain: string
  readonly key: string
}

export interface Listener {
  readonly port: number
  /**
   * New connections get this certificate; those that are open stay.
   * @throws inbound.certificateUnusable; then the old one stays
   */
  readonly setCertificate: (certificate: ServerCertificate) => void
  /**
   * Looks at every open connection with a client certificate, after a change. Where it is not accepted any more, an
   * idle connection is closed at once, and a busy one after the answer that is under way.
   */
  readonly recheck: (accepts: (connection: Connection) => boolean | Promise<boolean>) => Promise<void>
  /** From now on no session is resumed: every new connection shows its certificate again, with what comes with it. */
  readonly endSessions: () => void
  /** Takes no new connections, lets calls in flight end for at most `grace` milliseconds, then closes. The first call counts. */
  readonly close: (grace: number) => Promise<void>
}

/**
 * Every client is asked for a certificate, of any CA: no list of CAs is sent, because clients with a certificate of
 * another CA would then send none. Whether it is accepted is decided by the checks, which can say why not.
 */
const tlsOptions = ({ chain, key }: ServerCertificate): ServerOptions => ({
  cert: chain,
  key,
  ca: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers:
    'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL',
  honorCipherOrder: false,
})

function checkCertificate(certificate: ServerCertificate): void {
  try {
    createSecureContext(tlsOptions(certificate))
  } catch (cause) {
    throw faults.certificateUnusable({ why: (cause as NodeJS.ErrnoException).code ?? 'it cannot be read' }, { cause })
  }
}

/**
 * Starts an HTTPS listener.
 * @throws inbound.listenFailed, inbound.certificateUnusable
 */
export async function startListener(given: {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly certificate: ServerCertificate
  readonly handler: Handler
  readonly record: RecordRefusal
  readonly limits?: ListenerLimits
}): Promise<Listener> {
  const { host, port, certificate, handler, record, limits = defaultListenerLimits } = given
  checkCertificate(certificate)
  const server = createServer({
    ...tlsOptions(certificate),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: limits.handshake,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: Math.min(5000, limits.headers),
    keepAliveTimeout: limits.keepAlive,
    maxHeaderSize: limits.headerSize,
    noDelay: true,
  })
  // By default Node drops headers beyond a number without a word; their size is bounded already.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  let draining = false

  function take(request: IncomingMessage, response: ServerResponse, awaited: boolean): void {
    if (draining) response.shouldKeepAlive = false
    ;(request.socket as Kept)[current] = response
    handler(request, response, awaited)
  }
  server.on('request', (request, response) => take(request, response, false))
  server.on('checkContinue', (request, response) => take(request, response, true))
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request
    const why = refused('transfer.expectationUnknown')
    const path = url.split('?', 1)[0] ?? ''
    response.shouldKeepAlive = false
    sendRefusal(response, method, why, record(why, sceneOf(connectionOf(request.socket), method, path)))
  })
  const open = new Set<Kept>()
  server.on('secureConnection', (socket: Kept) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const dropped = new WeakSet<Socket>()
  const perAddress = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    // Read while the socket is open, and so remembered by it: when a handshake has failed it is too late.
    const remoteAddress = plainAddress(socket.remoteAddress ?? '')
    const count = (perAddress.get(remoteAddress) ?? 0) + 1
    if (count > limits.connectionsPerAddress) {
      const why = refused('limit.connectionsPerAddress', { remoteAddress, most: limits.connectionsPerAddress })
      record(why, { remoteAddress, presented: undefined, method: '', path: '' })
      dropped.add(socket)
      socket.destroy()
      return
    }
    perAddress.set(remoteAddress, count)
    socket.once('close', () => {
      const left = (perAddress.get(remoteAddress) ?? 1) - 1
      if (left > 0) perAddress.set(remoteAddress, left)
      else perAddress.delete(remoteAddress)
    })
  })
  server.on('tlsClientError', (error, socket: TLSSocket & { readonly _parent?: Socket }) => {
    // Only the socket below knows its peer by now; Node has no public name for it.
    const below = socket._parent
    const remoteAddress = plainAddress(socket.remoteAddress ?? below?.remoteAddress ?? '')
    if (below === undefined || !dropped.has(below))
      record(refusalOfHandshake(error), { remoteAddress, presented: undefined, method: '', path: '' })
    socket.destroy()
  })
  server.on('drop', (peer) => {
    const remoteAddress = plainAddress(peer?.remoteAddress ?? '')
    const why = refused('limit.connections', { most: limits.connections })
    record(why, { remoteAddress, presented: undefined, method: '', path: '' })
  })
  server.on('clientError', (error, socket) => {
    const why = refusalOfParser(error)
    if (why === undefined) socket.destroy()
    else refuseRaw(socket as Kept, why, record)
  })

  const failed = new Promise<never>((_, reject) => {
    server.once('error', (cause) => {
      const why = (cause as NodeJS.ErrnoException).code ?? wordsOf(cause)
      reject(faults.listenFailed({ host, port, why }, { cause }))
    })
  })
  server.listen(port, host)
  await Promise.race([once(server, 'listening').catch(() => failed), failed])
  failed.catch(() => undefined)

  async function drain(grace: number): Promise<void> {
    draining = true
    for (const { [current]: response } of open) if (response?.headersSent === false) response.shouldKeepAlive = false
    const closed = once(server, 'close')
    server.close()
    // A connection whose last answer went out before draining began is idle soon, and waits for nothing.
    const sweep = setInterval(() => server.closeIdleConnections(), 100)
    const end = setTimeout(() => server.closeAllConnections(), grace)
    await closed
    clearInterval(sweep)
    clearTimeout(end)
  }
  let drained: Promise<void> | undefined

  return {
    port: (server.address() as AddressInfo).port,
    setCertificate(next) {
      checkCertificate(next)
      server.setSecureContext(tlsOptions(next))
    },
    async recheck(accepts) {
      await Promise.all(
        [...open].map(async (socket) => {
          const connection = connectionOf(socket)
          if (connection.presented === undefined) return
          // What cannot be checked is not accepted.
          if (!(await Promise.try(accepts, connection).catch(() => false))) endAfterAnswer(socket)
        }),
      )
    },
    endSessions: () => server.setTicketKeys(randomBytes(48)),
    close: (grace) => (drained ??= drain(grace)),
  }
}

const current = Symbol('current response')
type Kept = Socket & { [current]?: ServerResponse }

/** Closes a connection; an answer that is under way goes out first. */
function endAfterAnswer(socket: Kept): void {
  const response = socket[current]
  if (response === undefined || response.writableFinished || response.destroyed) {
    socket.destroy()
    return
  }
  if (response.headersSent) response.once('finish', () => socket.end())
  else response.shouldKeepAlive = false
}

/** Refuses what never became a request. An answer that is under way is cut off rather than mixed with another. */
function refuseRaw(socket: Kept, why: Refused, record: RecordRefusal): void {
  const connection = connectionOf(socket)
  connection.broken = true
  const reference = record(why, sceneOf(connection, '', ''))
  const response = socket[current]
  const halfAnswered = response?.headersSent === true && !response.writableFinished
  if (!socket.writable || halfAnswered) {
    socket.destroy()
    return
  }
  const text = answerText(why.status, reference)
  const head = [
    `HTTP/1.1 ${why.status} ${STATUS_CODES[why.status] ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy())
}
