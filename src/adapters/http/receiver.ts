import { setTimeout as wait } from 'node:timers/promises'

import type { Dispatcher } from 'undici'

import { Fault } from '../../base/index.ts'
import type { Values } from '../../fields/index.ts'
import { type ChannelContext, declareReceiver, type Outlet, type Run } from '../../flow/index.ts'
import { compileTemplate } from '../../languages/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import {
  type Answer,
  createHttpClient,
  openAuthentication,
  type Proof,
  type Request,
  shownUrl,
} from '../../outbound/index.ts'
import { jarOf } from './cookies.ts'
import { faults } from './faults.ts'
import { fields } from './fields.ts'
import { compileRequestHeaders } from './request-headers.ts'
import { charsetOf, compileTakeAnswer, expanded } from './response.ts'
import { compileTarget } from './target.ts'

type Settings = Values<typeof fields>

/** Bytes an answer may have, as it comes and expanded. */
const largestAnswer = 100 * 1024 * 1024
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'OPTIONS'])

/** HTTP receiver. Redirects are not followed: they count as failures. */
export const httpReceiver = declareReceiver({
  type: 'HTTP',
  label: 'HTTP',
  summary: 'Calls a system over HTTP or HTTPS.',
  answers: ({ adapter, direction }) => adapter === 'HTTP' && direction === 'Receiver',
  fields,
  open: openOutlet,
})

/** What came before a try of the same call. */
interface Before {
  readonly repeats: number
  /** True where a proof was refused, and this is the try with another. */
  readonly provenAnew: boolean
}

const first: Before = { repeats: 0, provenAnew: false }

async function openOutlet(settings: Settings, context: ChannelContext): Promise<Outlet> {
  const { flow } = context
  const { authenticationMethod: method, credentialName, privateKeyAlias: keyAlias, authenticationUser: user } = settings
  const { userCertificateSubject: subjectPattern, userCertificateCarrier: certificateCarrier } = settings
  const { headers: proofHeaders, prove } = await openAuthentication(
    { method, credentialName, keyAlias, user, subjectPattern, certificateCarrier },
    context,
  )
  const client = await createHttpClient({ timeout: settings.httpRequestTimeout, largestAnswer })
  const targetOf = compileTarget(settings.httpAddressWithoutQuery, settings.httpAddressQuery)
  const requestOf = compileRequest(settings, [...proofHeaders, ...(flow.sessionHandling === 'None' ? [] : ['cookie'])])
  const take = compileTakeAnswer(settings.allowedResponseHeaders)
  const mayRetry = compileRetry(settings)

  async function call(exchange: Exchange, run: Run, before: Before): Promise<Answer> {
    const target = targetOf(exchange, run)
    const { origin, path } = target
    const proof = prove && (await prove({ exchange, run, origin }))
    const jar = jarOf(flow, run, proof?.identity ?? '')
    const trusted = origin.startsWith('https:') ? await run.services.outbound.trustedServers() : undefined
    const connection = { trusted, keyPair: proof?.keyPair, session: jar && proof ? proof.identity : '' }
    const cookie = jar?.cookieFor(origin, path, run.clock.now())
    let answer: Answer
    try {
      answer = await client.send({ ...requestOf(exchange, run, { target, proof, cookie }), connection }, run)
    } catch (error) {
      if (!mayRetry(error, before.repeats)) throw error
      return again(exchange, run, before)
    }
    jar?.store(origin, path, answer.headers['set-cookie'], run.clock.now())
    if (answer.status === 401 && !before.provenAnew && proof?.refused?.())
      return call(exchange, run, { ...before, provenAnew: true })
    if (mayRetry(answer, before.repeats)) return again(exchange, run, before)
    const url = shownUrl(target)
    if (answer.headers['content-encoding'] !== undefined) answer = await expanded(answer, url, largestAnswer)
    if (settings.throwExceptionOnFailure && (answer.status < 200 || answer.status > 299))
      throw failure(answer, url, exchange, run)
    return answer
  }

  async function again(exchange: Exchange, run: Run, { repeats }: Before): Promise<Answer> {
    await wait(settings.retryInterval, undefined, { signal: run.signal })
    return call(exchange, run, { repeats: repeats + 1, provenAnew: false })
  }

  function failure(answer: Answer, url: string, exchange: Exchange, run: Run): Fault {
    const wanted = settings.enableMPLAttachments && exchange.properties.get('SAP.DisableAttachments.HTTP') !== 'true'
    if (wanted && run.log.active) attachAnswer(answer, run)
    return failedFault(answer, url)
  }

  return {
    async send(exchange, run) {
      take(await call(exchange, run, first), exchange)
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

interface Call {
  readonly target: Request['target']
  readonly proof: Proof | undefined
  readonly cookie: string | undefined
}

/** Compiles what makes a request of a message; made anew for each try, because a body on disk is read as a stream. */
function compileRequest(
  settings: Settings,
  own: readonly string[],
): (exchange: Exchange, run: Run, call: Call) => Omit<Request, 'connection'> {
  const headersOf = compileRequestHeaders(settings.allowedRequestHeaders, own)
  const methodOf = compileMethod(settings)
  return (exchange, run, { target, proof, cookie }) => {
    const method = methodOf(exchange, run)
    const headers = headersOf(exchange)
    if (cookie !== undefined) headers.push('Cookie', cookie)
    if (proof !== undefined) headers.push(...proof.headers)
    const sendsBody = settings.httpShouldSendBody || method === 'POST' || method === 'PUT' || method === 'PATCH'
    return { target, method, headers, body: sendsBody ? bodyOf(exchange.body, headers) : null }
  }
}

function bodyOf(body: Body, headers: string[]): Request['body'] {
  if (body.spooled === undefined) return body.bytes()
  headers.push('Content-Length', String(body.length))
  return body.stream()
}

function compileMethod(settings: Settings): (exchange: Exchange, run: Run) => Dispatcher.HttpMethod {
  if (settings.httpMethod !== 'DYNAMIC') {
    const method = settings.httpMethod
    return () => method
  }
  const expression = compileTemplate(settings.methodSourceExpression)
  return (exchange, run) => {
    const method = expression.text(exchange, run).trim().toUpperCase() || 'POST'
    if (!methods.has(method)) throw faults.methodInvalid({ method })
    return method
  }
}

/** Tells whether a try that ended so is repeated. */
function compileRetry(settings: Settings): (outcome: unknown, repeats: number) => boolean {
  const statuses = new Set(settings.httpErrorResponseCodes.split(',').filter(Boolean).map(Number))
  if (statuses.size === 0 && !settings.retryOnConnectionFailure) return () => false
  return (outcome, repeats) => {
    if (repeats >= settings.retryIteration) return false
    if (outcome instanceof Fault) return settings.retryOnConnectionFailure && outcome.code === 'http.unreachable'
    return !(outcome instanceof Error) && statuses.has((outcome as Answer).status)
  }
}

function failedFault({ status, statusText, headers, body }: Answer, url: string): Fault {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((one): readonly [string, string] => [name, one]),
  )
  const location = URL.parse(typeof headers['location'] === 'string' ? headers['location'] : '', url)
  const text = Body.ofBytes(body, knownCharset(charsetOf(headers['content-type']))).text()
  return faults.failed({
    url,
    ...(status >= 300 && status < 400 && location && { redirect: location.origin + location.pathname }),
    response: { status, statusText, headers: pairs, body: text },
  })
}

/** An error must not hide behind a character set nobody knows. */
function knownCharset(charset: string | undefined): string | undefined {
  try {
    return charset === undefined ? undefined : new TextDecoder(charset).encoding
  } catch {
    return undefined
  }
}

function attachAnswer({ headers, body }: Answer, run: Run): void {
  if (body.length === 0) return
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'] : 'application/octet-stream'
  run.log.attach({
    name: 'HTTP receiver response',
    contentType,
    body: Body.ofBytes(body, charsetOf(contentType)),
    headers: new Map(),
  })
}
