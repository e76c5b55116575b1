import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Clock, Log } from '../base/index.ts'
import type { Identity, Plan } from '../identity/index.ts'
import {
  type Caller,
  callerOf,
  connectionOf,
  createAuthenticator,
  createChecks,
  createExplainer,
  createGate,
  type Csrf,
  type Explain,
  type Gate,
  type Listener,
  type RecordRefusal,
  type Routes,
  type TokenVerifier,
} from '../inbound/index.ts'
import type { Trust } from '../trust/index.ts'

/** The front door of one process: who is known and what is trusted, made into a gate. */
export interface FrontDoor {
  readonly gate: Gate
  readonly explain: Explain
  /** Passes a request on with its caller, behind trusted proxies too; nothing else is checked. */
  readonly pass: (request: IncomingMessage, response: ServerResponse, next: (caller: Caller) => void) => void
  /** From now on connections that lose their trust or their identity are closed. */
  readonly guard: (listener: Listener) => void
  /** To be called when the registry has changed. Resolves when connections that count no more are closed. */
  readonly changed: (trustChanged: boolean) => Promise<void>
}

export function createFrontDoor(given: {
  readonly identity: Identity
  readonly trust: Trust
  readonly tokens: TokenVerifier
  readonly routes: Routes
  readonly csrf: Csrf
  readonly record: RecordRefusal
  readonly plan: Plan
  readonly clock: Clock
  readonly log: Log
}): FrontDoor {
  const { identity, trust, tokens, routes, csrf, record, plan, clock, log } = given
  const authenticator = createAuthenticator({ identity, trust, tokens, clock, log })
  const checks = createChecks({ identity, authenticator, routes, csrf, clock })
  const gate = createGate({ authenticator, checks, record, log })
  let guarded: Listener | undefined
  return {
    gate,
    explain: createExplainer({ authenticator, checks, plan }),
    pass(request, response, next) {
      const { method = '', url = '', rawHeaders, socket } = request
      const caller = callerOf(authenticator, connectionOf(socket), { method, url, rawHeaders })
      if (!(caller instanceof Promise)) return next(caller)
      void caller.then((found) => {
        if ('why' in found) gate.refuse(found.call, request, response, false, found.why)
        else next(found)
      })
    },
    guard: (listener) => {
      guarded = listener
    },
    async changed(trustChanged) {
      if (trustChanged) guarded?.endSessions()
      await guarded?.recheck(authenticator.accepts)
    },
  }
}
