import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Clock, type Log, messageGuid, wordsOf } from '../base/index.ts'
import type { HttpResponse } from '../flow/index.ts'
import type { Plan } from '../identity/index.ts'
import { Body, type SpooledFile } from '../message/index.ts'
import { sendAnswer, sendRefusal, sendText } from './answer.ts'
import { type Call, newCall } from './call.ts'
import type { Checks } from './checks.ts'
import { connectionOf } from './connection.ts'
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts'
import type { Csrf } from './csrf.ts'
import { InboundRequest } from './inbound-request.ts'
import { charsetOf, receive, type Spool } from './receive.ts'
import { type RecordRefusal, sceneOf } from './record.ts'
import { type Refused, refused } from './refusals.ts'
import type { Match, Routes } from './routes.ts'

/** Takes the requests of a listener. `awaited` is true for a client that waits for `100 Continue` before the body. */
export type Handler = (request: IncomingMessage, response: ServerResponse, awaited: boolean) => void

export interface BodyLimits {
  /** Bytes up to which a body stays in memory; larger ones go to the spool. */
  readonly memory: number
  /** Milliseconds without a byte after which a body is given up; the original's web server allows 20 s. */
  readonly idle: number
}

export const defaultBodyLimits: BodyLimits = { memory: 1024 * 1024, idle: 20_000 }

/** How long the rest of a refused body is read and thrown away, so that the client gets to read the answer. */
const linger = 5000

/** Leads a request through the checks to its route, and the answer back. */
export function createHandler(given: {
  readonly checks: Checks
  readonly routes: Routes
  readonly csrf: Csrf
  readonly spool: Spool
  readonly record: RecordRefusal
  readonly plan: Plan
  readonly clock: Clock
  readonly log: Log
  readonly limits?: BodyLimits
}): Handler {
  const { checks, routes, csrf, spool, record, plan, clock, log, limits = defaultBodyLimits } = given

  /** `awaited` is true while the client still waits for leave to send its body. */
  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    call: Call,
    why: Refused,
    awaited: boolean,
  ): void {
    const { connection, method, path } = call
    const reference = record(why, sceneOf(connection, method, path))
    if (response.headersSent || response.destroyed) return
    // Leave is not given now; whether a body follows all the same nobody can tell, so the connection ends.
    if (awaited) response.shouldKeepAlive = false
    sendRefusal(response, method, why, reference)
    if (request.complete) return
    request.resume()
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy()
    }, linger)
    timer.unref()
    request.once('close', () => clearTimeout(timer))
  }

  /** Answers what needs no route: the browser's question, and the fetching of a CSRF token. */
  function answerPreflight(request: IncomingMessage, response: ServerResponse, call: Call, awaited: boolean): boolean {
    if (!isPreflight(call)) return false
    const cors = routes.find(call.path)?.door.route.cors
    if (cors === undefined) return false
    const { origin = '' } = call.head
    const headers = preflightHeaders(cors, origin)
    if (headers === undefined)
      refuse(request, response, call, refused('cors.originForbidden', { origin: origin.slice(0, 200) }), awaited)
    else sendText(response, { method: call.method, status: 204, type: '', text: '', headers })
    return true
  }

  function answerTokenFetch(response: ServerResponse, { method, head, identity }: Call, { door }: Match): boolean {
    const asks = (method === 'GET' || method === 'HEAD') && head.csrfToken?.toLowerCase() === 'fetch'
    if (!asks || !door.route.csrfProtected || identity === undefined) return false
    const { token, setCookie } = csrf.issue(identity.principal.name, head.cookie)
    const headers = [
      ['X-CSRF-Token', token],
      ['Set-Cookie', setCookie],
      ['Cache-Control', 'no-store'],
      ...(door.route.cors === undefined ? [] : corsHeaders(door.route.cors, head.origin)),
    ] as const
    sendText(response, { method, status: 200, type: 'text/plain', text: '', headers })
    return true
  }

  /** Hands the call to its route. What answers at once is sent at once, without a promise in between. */
  function dispatch(
    response: ServerResponse,
    call: Call,
    match: Match,
    body: Body,
    settled: (() => void) | undefined,
  ): void {
    const { identity, method, head } = call
    if (identity === undefined) throw new Error('a call without an identity passed the checks')
    const { route } = match.door
    const messageId = messageGuid(clock.now())
    const extra = route.cors === undefined ? [] : corsHeaders(route.cors, head.origin)

    function fail(error: unknown): void {
      log.error('a call failed', { messageId, flow: route.flowId, why: wordsOf(error) })
      if (response.headersSent) response.destroy()
      else sendAnswer(response, { method, messageId, answer: failure(messageId), extra })
    }
    function answer(result: HttpResponse): void {
      try {
        sendAnswer(response, { method, messageId, answer: result, extra })
      } catch (error) {
        fail(error)
      }
    }

    try {
      const request = new InboundRequest(call, match.rest, identity.principal, body, messageId, response)
      const result = route.handle(request)
      if (result instanceof Promise) {
        const done = result.then(answer, fail)
        if (settled !== undefined) void done.then(settled)
        return
      }
      answer(result)
    } catch (error) {
      fail(error)
    }
    settled?.()
  }

  return (request, response, awaited) => {
    const { method = '', url = '', rawHeaders, socket } = request
    const call = newCall(connectionOf(socket), plan, method, url, rawHeaders)
    if (answerPreflight(request, response, call, awaited)) return
    const refusal = checks.run(call)
    if (refusal !== undefined) return refuse(request, response, call, refusal, awaited)
    const { match, head } = call
    if (match === undefined) throw new Error('a call without a route passed the checks')
    if (answerTokenFetch(response, call, match)) return
    if (head.contentLength === 0 && !head.chunked) return dispatch(response, call, match, Body.empty, undefined)

    if (awaited) response.writeContinue()
    receive(request, {
      spool,
      memory: limits.memory,
      idle: limits.idle,
      charset: charsetOf(head.contentType),
      measure(received) {
        call.size = received
        return checks.measure(call)
      },
      done(outcome) {
        if ('refused' in outcome) {
          if (!call.connection.broken) refuse(request, response, call, outcome.refused, false)
          return
        }
        const { body, file } = outcome
        dispatch(response, call, match, body, file && deletedAfter(response, file, log))
      },
    })
  }
}

/** Deletes a spooled body when both its message has ended and its answer is out: an echo reads it until then. */
function deletedAfter(response: ServerResponse, { path }: SpooledFile, log: Log): () => void {
  let waiting = response.closed ? 1 : 2
  const step = () => {
    waiting--
    if (waiting > 0) return
    rm(path, { force: true }).catch((error: unknown) => log.warn('a spooled body stays', { path, why: wordsOf(error) }))
  }
  if (!response.closed) response.once('close', step)
  return step
}

const failure = (messageId: string): HttpResponse => ({
  status: 500,
  headers: [['Content-Type', 'text/plain; charset=utf-8']],
  body: Body.ofText(`The message could not be processed. Its id is ${messageId}\n`),
})
