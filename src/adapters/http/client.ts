import type { Readable } from 'node:stream'

import type { Dispatcher, Pool } from 'undici'

import type { Run } from '../../flow/index.ts'
import { faults } from './faults.ts'
import { shownUrl, type Target } from './target.ts'
import { connectionFault } from './connection-fault.ts'

export interface Request {
  readonly target: Target
  readonly method: Dispatcher.HttpMethod
  /** Names and values one after the other. */
  readonly headers: string[]
  readonly body: Buffer | Readable | null
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

interface Pending {
  readonly run: Run
  readonly abort: () => void
  watched: boolean
}

/** Connections to one host at a time. */
const connections = 128
/** Hosts a channel with a dynamic address keeps connections to. */
const hosts = 50
/** Milliseconds after which a call that still waits begins to listen for its cancellation. */
const watchAfter = 250

/** @param given `timeout` in milliseconds; `largestAnswer` in bytes */
export async function createClient(given: {
  readonly timeout: number
  readonly largestAnswer: number
}): Promise<Client> {
  // Loaded by the first flow that needs it.
  const { Pool } = await import('undici')
  const pools = new Map<string, Pool>()
  const pending = new Set<Pending>()
  // A signal of its own for every message costs more than the rest of a quick call; only slow calls need it.
  const watch = setInterval(() => {
    for (const call of pending) if (!call.watched) watchRun(call)
  }, watchAfter).unref()

  function poolFor(origin: string): Pool {
    const known = pools.get(origin)
    if (known !== undefined) return known
    const oldest = pools.size >= hosts ? pools.entries().next().value : undefined
    if (oldest !== undefined) {
      pools.delete(oldest[0])
      // It ends what it is doing first; nobody waits for it.
      oldest[1].close().catch(() => {})
    }
    const { timeout } = given
    const pool = new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      keepAliveTimeout: 30_000,
      connect: { timeout },
    })
    pools.set(origin, pool)
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
        const { target, method, headers, body } = request
        poolFor(target.origin).dispatch({ path: target.path + target.query, method, headers, body }, handler)
      }),
    async [Symbol.asyncDispose]() {
      clearInterval(watch)
      await Promise.all([...pools.values()].map((pool) => pool.close()))
      pools.clear()
    },
  }
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
