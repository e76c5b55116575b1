import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Log, wordsOf } from '../base/index.ts'
import type { Plan } from '../identity/index.ts'
import { sendRefusal } from './answer.ts'
import type { Authenticator } from './authenticate.ts'
import { type Call, newCall } from './call.ts'
import type { Checks } from './checks.ts'
import { connectionOf } from './connection.ts'
import { type Reading, receive, type Received } from './receive.ts'
import { type RecordRefusal, sceneOf } from './record.ts'
import { type Refused, refused } from './refusals.ts'

type Step<Result> = (call: Call, request: IncomingMessage, response: ServerResponse, awaited: boolean) => Result

/** What lies behind the gate. */
export interface Entrance {
  readonly plan: Plan
  /** Answers what needs no identity, such as the question of a browser; false where it does not. */
  readonly early?: Step<boolean>
  /** Called with each call that passes all checks. `awaited` is true while the client waits for leave to send its body. */
  readonly admitted: Step<void>
}

/** Leads requests through proofs and checks; every refusal is recorded and answered here. */
export interface Gate {
  /** Without a promise in between where nothing has to be waited for. */
  readonly admit: (request: IncomingMessage, response: ServerResponse, awaited: boolean, entrance: Entrance) => void
  readonly refuse: (
    call: Call,
    request: IncomingMessage,
    response: ServerResponse,
    awaited: boolean,
    why: Refused,
  ) => void
  /** Reads the body of an admitted call. What is too large, stalls or breaks off is refused, and `done` is not called. */
  readonly receive: (
    call: Call,
    request: IncomingMessage,
    response: ServerResponse,
    awaited: boolean,
    reading: Reading,
    done: (received: Received) => void,
  ) => void
}

/** How long the rest of a refused body is read and thrown away, so that the client gets to read the answer. */
const linger = 5000

/** A person follows a link in a browser (Fetch Metadata), rather than a program calling. */
const isNavigation = ({ headers }: IncomingMessage): boolean => headers['sec-fetch-mode'] === 'navigate'

/**
 * A browser that is asked for Basic asks the person for a password, wherever the link came from. A challenge there must
 * be, so it is one that no browser answers.
 */
const withoutPrompt = (why: Refused): Refused =>
  why.status === 401 ? { ...why, headers: [['WWW-Authenticate', 'Bearer realm="Sluice"']] } : why

export function createGate(given: {
  readonly authenticator: Authenticator
  readonly checks: Checks
  readonly record: RecordRefusal
  readonly log: Log
}): Gate {
  const { authenticator, checks, record, log } = given

  const refuse: Gate['refuse'] = (call, request, response, awaited, why) => {
    const { method, path } = call
    const reference = record(why, sceneOf(call, method, path))
    if (response.headersSent || response.destroyed) return
    // Leave is not given now; whether a body follows all the same nobody can tell, so the connection ends.
    if (awaited) response.shouldKeepAlive = false
    sendRefusal(response, method, isNavigation(request) ? withoutPrompt(why) : why, reference)
    if (request.complete) return
    request.resume()
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy()
    }, linger)
    timer.unref()
    request.once('close', () => clearTimeout(timer))
  }

  function decide(
    call: Call,
    request: IncomingMessage,
    response: ServerResponse,
    awaited: boolean,
    entrance: Entrance,
  ): void {
    const refusal = checks.run(call)
    if (refusal === undefined) entrance.admitted(call, request, response, awaited)
    else refuse(call, request, response, awaited, refusal)
  }

  return {
    admit(request, response, awaited, entrance) {
      const { method = '', url = '', rawHeaders, socket } = request
      const call = newCall(connectionOf(socket), entrance.plan, method, url, rawHeaders)
      const refusal = checks.arrive(call)
      if (refusal !== undefined) return refuse(call, request, response, awaited, refusal)
      if (entrance.early?.(call, request, response, awaited) === true) return
      const proving = authenticator.prove(call)
      if (proving === undefined) return decide(call, request, response, awaited, entrance)
      proving
        .then(() => {
          // Nobody waits for the answer any more, so nothing is begun.
          if (response.destroyed) refuse(call, request, response, false, refused('transfer.aborted', { received: 0 }))
          else decide(call, request, response, awaited, entrance)
        })
        .catch((error: unknown) => {
          log.error('a call failed at the gate', { path: call.path, why: wordsOf(error) })
          response.destroy()
        })
    },
    refuse,
    receive(call, request, response, awaited, reading, done) {
      if (awaited) response.writeContinue()
      receive(request, {
        ...reading,
        measure(received) {
          call.size = received
          return checks.measure(call)
        },
        done(outcome) {
          if (!('refused' in outcome)) return done(outcome)
          if (!call.connection.broken) refuse(call, request, response, false, outcome.refused)
        },
      })
    },
  }
}
