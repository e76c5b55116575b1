import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Clock, type Log, messageGuid, wordsOf } from '../base/index.ts'
import type { HttpResponse } from '../flow/index.ts'
import type { Plan } from '../identity/index.ts'
import { Body, type SpooledFile } from '../message/index.ts'
import { sendAnswer, sendText } from './answer.ts'
import type { Call } from './call.ts'
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts'
import type { Csrf } from './csrf.ts'
import type { Entrance, Gate } from './gate.ts'
import { InboundRequest } from './inbound-request.ts'
import { type OpenPage, openPageOf, sendPage } from './pages.ts'
import { type BodyLimits, charsetOf, defaultBodyLimits, type Spool } from './receive.ts'
import { refused } from './refusals.ts'
import type { Match, Routes } from './routes.ts'

/** Takes the requests of a listener. `awaited` is true for a client that waits for `100 Continue` before the body. */
export type Handler = (request: IncomingMessage, response: ServerResponse, awaited: boolean) => void

/** Leads a request through the checks to its route, and the answer back. */
export function createHandler(given: {
  readonly gate: Gate
  readonly routes: Routes
  readonly csrf: Csrf
  readonly spool: Spool
  readonly plan: Plan
  readonly clock: Clock
  readonly log: Log
  readonly limits?: BodyLimits
  /** Open to everybody, by path. */
  readonly pages?: Readonly<Record<string, OpenPage>>
}): Handler {
  const { gate, routes, csrf, spool, plan, clock, log, limits = defaultBodyLimits, pages = {} } = given

  /** Answers what needs no identity: the question of a browser. */
  function answerPreflight(call: Call, request: IncomingMessage, response: ServerResponse, awaited: boolean): boolean {
    if (!isPreflight(call)) return false
    const cors = routes.find(call.path)?.door.route.cors
    if (cors === undefined) return false
    const { origin = '' } = call.head
    const headers = preflightHeaders(cors, origin)
    if (headers === undefined)
      gate.refuse(call, request, response, awaited, refused('cors.originForbidden', { origin: origin.slice(0, 200) }))
    else sendText(response, { method: call.method, status: 204, type: '', text: '', headers })
    return true
  }

  function answerTokenFetch(response: ServerResponse, { method, head, identity }: Call, { door }: Match): boolean {
    const asks = (method === 'GET' || method === 'HEAD') && head.csrfToken?.toLowerCase() === 'fetch'
    if (!asks || !door.route.csrfProtected || identity === undefined) return false
    const { token, setCookie } = csrf.issue(identity.client, head.cookie)
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

  const entrance: Entrance = {
    plan,
    early: answerPreflight,
    admitted(call, request, response, awaited) {
      const { match, head } = call
      if (match === undefined) throw new Error('a call without a route passed the checks')
      if (answerTokenFetch(response, call, match)) return
      if (head.contentLength === 0 && !head.chunked) return dispatch(response, call, match, Body.empty, undefined)
      const charset = charsetOf(head.contentType)
      const { memory, idle } = limits
      gate.receive(call, request, response, awaited, { spool, memory, idle, charset }, ({ body, file }) =>
        dispatch(response, call, match, body, file && deletedAfter(response, file, log)),
      )
    },
  }

  return (request, response, awaited) => {
    const page = openPageOf(pages, request)
    if (page !== undefined) sendPage(page, request, response, log)
    else gate.admit(request, response, awaited, entrance)
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
