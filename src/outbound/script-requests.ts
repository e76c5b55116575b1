import { setMaxListeners } from 'node:events'
import { isIP } from 'node:net'

import { Fault, type Log } from '../base/index.ts'
import type { Run, ScriptRequest, ScriptRequestService, ScriptResponse } from '../flow/index.ts'
import { faults } from './faults.ts'
import { type Answer, createHttpClient, type HttpClient } from './http-client.ts'
import { faults as httpFaults } from './http-faults.ts'
import { type Hop, hopOf, pairsOf, redirected } from './script-hops.ts'
import { connectionFault } from './connection-fault.ts'

export interface ScriptRequests extends ScriptRequestService, AsyncDisposable {}

/** A call of a script that was made, or not: nothing in it can be a secret. */
export interface ScriptCall {
  readonly method: string
  readonly host: string
  readonly port: number
  /** Undefined where there was no answer. */
  readonly status: number | undefined
  /** Code of the fault where there was none. */
  readonly fault: string | undefined
  readonly millis: number
}

/** Bytes of a body, sent or received. */
const largestBody = 16 * 1024 * 1024
/** Milliseconds until a connection stands, where the script does not say. */
const connectTimeout = 30_000
/** Milliseconds to wait for an answer, or for its next part, where the script does not say. */
const readTimeout = 60_000
/** Requests under way: of one message, and of all. */
const mostOfMessage = 4
const mostOfAll = 64
const mostRedirects = 20
/** Calls of one message that stand in its log. */
const mostLogged = 100

interface Message {
  readonly ended: AbortController
  atWork: number
  logged: number
}

/**
 * Makes the requests of scripts. A host is looked up once, every address that it has is judged, and the connection goes
 * to these addresses and no other: a name that means something else a moment later leads nowhere. Proxies that the
 * environment names are not used.
 */
export function createScriptRequests(given: {
  /** All addresses of a host. */
  readonly resolve: (host: string) => Promise<readonly string[]>
  /** Why an address may not be called; undefined where it may. */
  readonly mayReach: (address: string, port: number) => string | undefined
  readonly log: Log
  /** Learns of addresses that were refused. */
  readonly refused: (host: string, why: string, run: Run) => void
}): ScriptRequests {
  const { resolve, mayReach, log } = given
  const messages = new Map<string, Message>()
  let atWork = 0
  let client: Promise<HttpClient> | undefined

  function messageOf(run: Run): Message {
    const known = messages.get(run.messageId)
    if (known !== undefined) return known
    const message = { ended: new AbortController(), atWork: 0, logged: 0 }
    setMaxListeners(0, message.ended.signal)
    messages.set(run.messageId, message)
    run.defer(() => {
      messages.delete(run.messageId)
      message.ended.abort(faults.scriptRequestInvalid({ why: 'its message has ended' }))
    })
    return message
  }

  /** @throws outbound.addressRefused, http.unreachable */
  async function addressesOf({ url, host, port }: Hop, run: Run, signal: AbortSignal): Promise<readonly string[]> {
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const found = isIP(name) === 0 ? await lookUp(name, url.origin, signal) : [name]
    if (found.length === 0) throw httpFaults.unreachable({ url: url.origin, why: 'the host name has no address.' })
    for (const address of found) {
      const why = mayReach(address, port)
      if (why === undefined) continue
      given.refused(host, why, run)
      throw faults.addressRefused({ host, why })
    }
    return found
  }

  async function lookUp(name: string, origin: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      return [...new Set(await unless(signal, resolve(name)))]
    } catch (error) {
      throw signal.aborted ? signal.reason : connectionFault(error, origin, 0)
    }
  }

  async function send(
    hop: Hop,
    { connectTimeout: connecting, readTimeout: reading }: ScriptRequest,
    run: Run,
    signal: AbortSignal,
  ) {
    const { url, method, headers, body, host } = hop
    run.services.permits.permit({ kind: 'host', name: host }, run)
    const addresses = await addressesOf(hop, run, signal)
    const trusted = url.protocol === 'https:' ? await run.services.outbound.trustedServers() : undefined
    client ??= createHttpClient({ timeout: readTimeout, largestAnswer: largestBody })
    const connection = { trusted, keyPair: undefined, session: '', addresses, patience: connecting || connectTimeout }
    const target = { origin: url.origin, path: url.pathname, query: url.search }
    const request = { target, method, headers: [...headers], body, connection }
    return (await client).send({ ...request, ...(reading > 0 && { patience: reading }) }, { signal })
  }

  /** The request with all that it is redirected to. */
  async function follow(
    request: ScriptRequest,
    run: Run,
    message: Message,
    signal: AbortSignal,
  ): Promise<ScriptResponse> {
    let hop = hopOf(request)
    for (let redirects = 0; ; redirects += 1) {
      const answer = await told(hop, run, message, () => send(hop, request, run, signal))
      const next = request.followRedirects ? redirected(hop, answer, run.lent) : undefined
      if (next === undefined) return responseOf(hop, answer)
      if (redirects === mostRedirects) throw faults.redirectsExhausted({ host: hop.host, limit: mostRedirects })
      hop = next
    }
  }

  /** Writes down that it was made: in the log of the tenant, and as a property of the message. */
  async function told(hop: Hop, run: Run, message: Message, work: () => Promise<Answer>): Promise<Answer> {
    const started = performance.now()
    const tell = (status: number | undefined, fault: string | undefined): void => {
      const millis = Math.round(performance.now() - started)
      // A script may call a host whose name it made of a secret.
      const host = run.lent.redactText(hop.url.hostname)
      const call: ScriptCall = { method: hop.method, host, port: hop.port, status, fault, millis }
      log.debug('a script calls', { flow: run.flow.id, messageId: run.messageId, ...call })
      message.logged += 1
      if (message.logged <= mostLogged)
        run.log.property('ScriptRequest', `${hop.method} ${host}:${hop.port} ${status ?? fault}, ${millis} ms`)
    }
    try {
      const answer = await work()
      tell(answer.status, undefined)
      return answer
    } catch (error) {
      tell(undefined, error instanceof Fault ? error.code : 'cancelled')
      throw error
    }
  }

  return {
    async request(request, run) {
      const message = messageOf(run)
      if (message.atWork >= mostOfMessage)
        throw faults.scriptRequestsExhausted({ limit: mostOfMessage, whose: 'this message' })
      if (atWork >= mostOfAll) throw faults.scriptRequestsExhausted({ limit: mostOfAll, whose: 'this tenant' })
      const { host, url } = hopOf(request)
      if ((request.body?.length ?? 0) > largestBody) throw faults.scriptRequestTooLarge({ host, limit: largestBody })
      const millis = Math.max(1, run.deadline - run.clock.now())
      const late = new AbortController()
      const timer = setTimeout(
        () => late.abort(httpFaults.timeout({ url: url.origin, millis })),
        Math.min(millis, 2 ** 31 - 1),
      )
      message.atWork += 1
      atWork += 1
      try {
        return await follow(request, run, message, AbortSignal.any([run.signal, message.ended.signal, late.signal]))
      } finally {
        clearTimeout(timer)
        message.atWork -= 1
        atWork -= 1
      }
    },
    async [Symbol.asyncDispose]() {
      await (await client)?.[Symbol.asyncDispose]()
    },
  }
}

/** The promise, or the reason of the signal, whichever is there first. */
async function unless<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

const responseOf = ({ url }: Hop, { status, statusText, headers, body }: Answer): ScriptResponse => ({
  status,
  statusText,
  headers: pairsOf(headers),
  body,
  url: url.href,
})
