import type { ServerResponse } from 'node:http'

import type { HttpRequest, Principal } from '../flow/index.ts'
import type { Body } from '../message/index.ts'
import type { Call } from './call.ts'

/** A checked call as its route gets it. */
export class InboundRequest implements HttpRequest {
  readonly method: string
  readonly rest: string
  readonly query: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Body
  readonly principal: Principal
  readonly messageId: string
  readonly #response: ServerResponse
  #signal: AbortSignal | undefined

  constructor(call: Call, rest: string, principal: Principal, body: Body, messageId: string, response: ServerResponse) {
    const { head } = call
    // The address of the caller as we or a trusted proxy see it: flows that check it need not believe the wire.
    head.passed.push(['x-forwarded-for', call.remoteAddress])
    this.method = call.method
    this.rest = rest
    this.query = call.query
    this.url = `https://${head.host}${call.path}`
    this.headers = head.passed
    this.body = body
    this.principal = principal
    this.messageId = messageId
    this.#response = response
  }

  /** Aborted when the caller has gone. Made when it is first asked for: most routes answer before they would need it. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const response = this.#response
      const controller = new AbortController()
      const abort = () => {
        if (!response.writableFinished) controller.abort(new DOMException('The caller has gone.', 'AbortError'))
      }
      if (response.closed || response.destroyed) abort()
      else response.once('close', abort)
      this.#signal = controller.signal
    }
    return this.#signal
  }
}
