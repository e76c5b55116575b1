import type { Readable } from 'node:stream'

import type { Dispatcher, Pool } from 'undici'

import type { LentKey, Run, TrustedServers } from '../../flow/index.ts'
import { connectOptions } from '../../outbound/index.ts'
import { faults } from './faults.ts'
import { shownUrl, type Target } from './target.ts'
import { connectionFault } from './connection-fault.ts'

export interface Request {
  readonly target: Target
  readonly method: Dispatcher.HttpMethod
  /** Names and values one after the other. */
  readonly headers: string[]
  readonly body: Buffer | Readable | null
  readonly connection: Connection
}

/** What a connection is made with. One that was made for a call is used again only for calls that agree in all of it. */
export interface Connection {
  /** Undefined where no TLS is spoken. */
  readonly trusted: TrustedServers | undefined
  /** Shown to the server; another one, also of the same alias, is another connection. */
  readonly keyPair: LentKey | undefined
  /** Whose session it carries; empty where it carries none. */
  readonly session: string
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
export interface Client extends AsyncDisposable {
  /**
   * @throws http.unreachable, http.timeout, http.tls, http.requestInvalid, http.answerInvalid, http.answerTooLarge, and
   *   the run's reason when it is cancelled
   */
  readonly send: (request: Request, run: Run) => Promise<Answer>
}

interface Pooled {
  readonly pool: Pool
  /** By the monotonic clock. */
  usedAt: number
}

interface Pending {
  readonly run: Run
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
export async function createClient(given: {
  readonly timeout: number
  readonly largestAnswer: number
}): Promise<Client> {
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

  function poolFor(origin: string, { trusted, keyPair, session }: Connection): Pool {
    const key = `${origin} ${serialOf(trusted)} ${serialOf(keyPair)} ${session}`
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
      connect: { timeout, ...(trusted && connectOptions(trusted, keyPair)) },
    })
    pools.set(key, { pool, usedAt: performance.now() })
    return pool
  }

  return {
    send: (request, run) =>
      new Promise((resolve, reject) => {
        const handler = collect(request.target, given, {
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
        const { target, method, headers, body, connection } = request
        poolFor(target.origin, connection).dispatch(
          { path: target.path + target.query, method, headers, body },
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
