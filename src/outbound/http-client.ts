import { isIP, type LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'

import type { Dispatcher, Pool } from 'undici'

import type { LentKey, Run, TrustedServers } from '../flow/index.ts'
import { connectionFault } from './connection-fault.ts'
import { faults } from './http-faults.ts'
import { connectOptions } from './tls.ts'

/** Where a call goes. */
export interface Target {
  readonly origin: string
  readonly path: string
  /** With `?`, or empty. */
  readonly query: string
}

/** The URL as it may be shown: a query can hold keys. */
export const shownUrl = ({ origin, path }: Target): string => origin + path

export interface Request {
  readonly target: Target
  readonly method: Dispatcher.HttpMethod
  /** Names and values one after the other. */
  readonly headers: string[]
  readonly body: Buffer | Readable | null
  readonly connection: Connection
  /** Milliseconds to wait for the answer, and between its parts, where it is not the timeout of the client. */
  readonly patience?: number
}

/** What a connection is made with. One that was made for a call is used again only for calls that agree in all of it. */
export interface Connection {
  /** Undefined where no TLS is spoken. */
  readonly trusted: TrustedServers | undefined
  /** Shown to the server; another one, also of the same alias, is another connection. */
  readonly keyPair: LentKey | undefined
  /** Whose session it carries; empty where it carries none. */
  readonly session: string
  /** The only addresses that it may go to; where there are none, the host is looked up. */
  readonly addresses?: readonly string[]
  /** Milliseconds until it stands, where it is not the timeout of the client. */
  readonly patience?: number
}

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

export interface Answer {
  readonly status: number
  readonly statusText: string
  /** Names in lower case. */
  readonly headers: AnswerHeaders
  readonly body: Buffer
}

/** Connections kept alive to the receivers of one channel. */
export interface HttpClient extends AsyncDisposable {
  /**
   * @throws http.unreachable, http.timeout, http.tls, http.requestInvalid, http.answerInvalid, http.answerTooLarge, and
   *   the run's reason when it is cancelled
   */
  readonly send: (request: Request, run: Pick<Run, 'signal'>) => Promise<Answer>
}

interface Pooled {
  readonly pool: Pool
  /** By the monotonic clock. */
  usedAt: number
}

interface Pending {
  readonly run: Pick<Run, 'signal'>
  readonly abort: () => void
  watched: boolean
}

/** Connections to one host at a time. */
const connections = 128
/** Hosts, client certificates and sessions that a channel keeps connections for; the longest unused goes first. */
const pooled = 100
/** Milliseconds after which unused connections, such as those of a certificate that was renewed, are given up. */
const unused = 60_000
/** Milliseconds after which a call that still waits begins to listen for its cancellation. */
const watchAfter = 250

/** @param given `timeout` in milliseconds; `largestAnswer` in bytes */
export async function createHttpClient(given: {
  readonly timeout: number
  readonly largestAnswer: number
}): Promise<HttpClient> {
  // Loaded by the first flow that needs it.
  const { Pool } = await import('undici')
  const pools = new Map<string, Pooled>()
  const pending = new Set<Pending>()
  const { timeout } = given
  // A signal of its own for every message costs more than the rest of a quick call; only slow calls need it.
  const watch = setInterval(() => {
    for (const call of pending) if (!call.watched) watchRun(call)
  }, watchAfter).unref()
  const sweep = setInterval(() => {
    const before = performance.now() - unused
    for (const [key, { usedAt }] of pools) if (usedAt < before) giveUp(key)
  }, unused / 4).unref()

  /** It ends what it is doing first; nobody waits for it. */
  function giveUp(key: string): void {
    const pool = pools.get(key)?.pool
    pools.delete(key)
    pool?.close().catch(() => {})
  }

  function poolFor(origin: string, { trusted, keyPair, session, addresses, patience }: Connection): Pool {
    const key = `${origin} ${serialOf(trusted)} ${serialOf(keyPair)} ${patience} ${addresses?.join()} ${session}`
    const known = pools.get(key)
    if (known !== undefined) {
      known.usedAt = performance.now()
      if (pools.size > 1) {
        pools.delete(key)
        pools.set(key, known)
      }
      return known.pool
    }
    if (pools.size >= pooled) giveUp(pools.keys().next().value ?? '')
    const pool = new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      keepAliveTimeout: 30_000,
      connect: {
        timeout: patience ?? timeout,
        ...(trusted && connectOptions(trusted, keyPair)),
        ...(addresses && { lookup: answering(addresses) }),
      },
    })
    pools.set(key, { pool, usedAt: performance.now() })
    return pool
  }

  return {
    send: (request, run) =>
      new Promise((resolve, reject) => {
        const largest = { timeout: request.patience ?? timeout, largestAnswer: given.largestAnswer }
        const handler = collect(request.target, largest, {
          resolve(answer) {
            pending.delete(call)
            if (call.watched) run.signal.removeEventListener('abort', call.abort)
            resolve(answer)
          },
          reject(error) {
            pending.delete(call)
            if (call.watched) run.signal.removeEventListener('abort', call.abort)
            reject(error)
          },
        })
        const call: Pending = { run, abort: () => handler.abort(run.signal.reason), watched: false }
        pending.add(call)
        const { target, method, headers, body, connection, patience } = request
        const waits = patience === undefined ? {} : { headersTimeout: patience, bodyTimeout: patience }
        poolFor(target.origin, connection).dispatch(
          { path: target.path + target.query, method, headers, body, ...waits },
          handler,
        )
      }),
    async [Symbol.asyncDispose]() {
      clearInterval(watch)
      clearInterval(sweep)
      await Promise.all([...pools.values()].map(({ pool }) => pool.close()))
      pools.clear()
    },
  }
}

/** Looks a host up in what is known of it. */
const answering =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    const [first = { address: '', family: 4 }] = found
    if (all === true) done(null, found)
    else done(null, first.address, first.family)
  }

let serials = 0
const serialOfObject = new WeakMap<object, number>()

/** A number for each object: what was renewed is another object, whatever it is called. */
function serialOf(object: object | undefined): number {
  if (object === undefined) return 0
  const known = serialOfObject.get(object)
  if (known !== undefined) return known
  serials += 1
  serialOfObject.set(object, serials)
  return serials
}

function watchRun(call: Pending): void {
  call.watched = true
  const { signal } = call.run
  if (signal.aborted) call.abort()
  else signal.addEventListener('abort', call.abort, { once: true })
}

/** Takes one answer from the connection, up to the size allowed. Settles once. */
function collect(
  target: Target,
  { timeout, largestAnswer }: { readonly timeout: number; readonly largestAnswer: number },
  promise: { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void },
): Dispatcher.DispatchHandler & { readonly abort: (reason: unknown) => void } {
  let controller: Dispatcher.DispatchController | undefined
  let stopped: { readonly reason: unknown } | undefined
  let status = 0
  let statusText = ''
  let headers: AnswerHeaders = {}
  let chunks: Buffer[] | undefined
  let size = 0
  let first: Buffer | undefined

  function stop(reason: unknown): void {
    if (stopped !== undefined) return
    stopped = { reason }
    promise.reject(reason)
    controller?.abort(new Error('the call was given up'))
  }

  return {
    abort: stop,
    onRequestStart(given) {
      controller = given
      if (stopped !== undefined) given.abort(new Error('the call was given up'))
    },
    onResponseStart(_controller, code, fields, message) {
      if (code < 200) return
      status = code
      statusText = message ?? ''
      headers = fields
    },
    onResponseData(_controller, chunk) {
      size += chunk.length
      if (size > largestAnswer) return stop(faults.answerTooLarge({ url: shownUrl(target), limit: largestAnswer }))
      if (first === undefined) first = chunk
      else if (chunks === undefined) chunks = [first, chunk]
      else chunks.push(chunk)
    },
    onResponseEnd() {
      const body = chunks === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks, size)
      promise.resolve({ status, statusText, headers, body })
    },
    onResponseError(_controller, error) {
      if (stopped === undefined) promise.reject(connectionFault(error, shownUrl(target), timeout))
    },
  }
}
