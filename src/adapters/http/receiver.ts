import { setTimeout as wait } from 'node:timers/promises'

import type { Dispatcher } from 'undici'

import { Fault } from '../../base/index.ts'
import type { Values } from '../../fields/index.ts'
import { declareReceiver, type FlowFacts, type Outlet, type Run } from '../../flow/index.ts'
import { compileTemplate } from '../../languages/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { type Answer, createClient, type Request } from './client.ts'
import { type Jar, jarOf } from './cookies.ts'
import { faults } from './faults.ts'
import { fields } from './fields.ts'
import { compileRequestHeaders } from './request-headers.ts'
import { charsetOf, compileTakeAnswer, expanded } from './response.ts'
import { compileTarget, shownUrl } from './target.ts'

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
  open: (settings, { flow }) => openOutlet(settings, flow),
})

async function openOutlet(settings: Settings, flow: FlowFacts): Promise<Outlet> {
  const client = await createClient({ timeout: settings.httpRequestTimeout, largestAnswer })
  const requestOf = compileRequest(settings, flow)
  const take = compileTakeAnswer(settings.allowedResponseHeaders)
  const mayRetry = compileRetry(settings)

  async function call(exchange: Exchange, run: Run, jar: Jar | undefined, repeats: number): Promise<Answer> {
    const request = await requestOf(exchange, run, jar)
    const { origin, path } = request.target
    let answer: Answer
    try {
      answer = await client.send(request, run)
    } catch (error) {
      if (!mayRetry(error, repeats)) throw error
      return again(exchange, run, jar, repeats)
    }
    jar?.store(origin, path, answer.headers['set-cookie'], run.clock.now())
    if (mayRetry(answer, repeats)) return again(exchange, run, jar, repeats)
    const url = shownUrl(request.target)
    if (answer.headers['content-encoding'] !== undefined) answer = await expanded(answer, url, largestAnswer)
    if (settings.throwExceptionOnFailure && (answer.status < 200 || answer.status > 299))
      throw failure(answer, url, exchange, run)
    return answer
  }

  async function again(exchange: Exchange, run: Run, jar: Jar | undefined, repeats: number): Promise<Answer> {
    await wait(settings.retryInterval, undefined, { signal: run.signal })
    return call(exchange, run, jar, repeats + 1)
  }

  function failure(answer: Answer, url: string, exchange: Exchange, run: Run): Fault {
    const wanted = settings.enableMPLAttachments && exchange.properties.get('SAP.DisableAttachments.HTTP') !== 'true'
    if (wanted && run.log.active) attachAnswer(answer, run)
    return failedFault(answer, url)
  }

  return {
    async send(exchange, run) {
      take(await call(exchange, run, jarOf(flow, run), 0), exchange)
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

/** Compiles what makes a request of a message; made anew for each try, because a body on disk is read as a stream. */
function compileRequest(
  settings: Settings,
  flow: FlowFacts,
): (exchange: Exchange, run: Run, jar: Jar | undefined) => Request | Promise<Request> {
  const basic = settings.authenticationMethod === 'Basic'
  const own = [...(basic ? ['authorization'] : []), ...(flow.sessionHandling === 'None' ? [] : ['cookie'])]
  const targetOf = compileTarget(settings.httpAddressWithoutQuery, settings.httpAddressQuery)
  const headersOf = compileRequestHeaders(settings.allowedRequestHeaders, own)
  const methodOf = compileMethod(settings)
  const credentialOf = compileTemplate(settings.credentialName)

  function build(exchange: Exchange, run: Run, jar: Jar | undefined): Request {
    const target = targetOf(exchange, run)
    const method = methodOf(exchange, run)
    const headers = headersOf(exchange)
    const cookie = jar?.cookieFor(target.origin, target.path, run.clock.now())
    if (cookie !== undefined) headers.push('Cookie', cookie)
    const sendsBody = settings.httpShouldSendBody || method === 'POST' || method === 'PUT' || method === 'PATCH'
    return { target, method, headers, body: sendsBody ? bodyOf(exchange.body, headers) : null }
  }

  if (!basic) return build
  return async (exchange, run, jar) => {
    const alias = credentialOf.text(exchange, run).trim()
    if (alias === '') throw faults.credentialMissing()
    const { user, password } = await run.services.credentials.userCredential(alias, run)
    const request = build(exchange, run, jar)
    request.headers.push('Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
    return request
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
