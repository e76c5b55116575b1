import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import zlib from 'node:zlib'

import { openReceiver, PropertiesRefused, services, testRun } from '../../../test/kit/step.ts'
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import type { Fault } from '../../base/index.ts'
import type { FailedResponse, FlowFacts, Run } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { httpReceiver } from './receiver.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

let origin = ''
let seen: Seen[] = []
let answer: (request: Seen, response: http.ServerResponse) => void = (_request, response) => void response.end()

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { method = '', url = '', headers } = request
    const whole = { method, url, headers, body: Buffer.concat(chunks).toString() }
    seen.push(whole)
    answer(whole, response)
  })
})

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => new Promise((resolve) => server.close(resolve)))

interface Given {
  readonly exchange?: Exchange
  readonly flow?: Partial<FlowFacts>
  readonly run?: Partial<Run>
  readonly answer?: typeof answer
}

/** Sends one message and returns what the server saw of it. */
async function call(properties: Record<string, string>, given: Given = {}) {
  seen = []
  answer = given.answer ?? ((_request, response) => void response.end('ok'))
  const exchange = given.exchange ?? new Exchange({ body: Body.ofText('question') })
  const all = { httpAddressWithoutQuery: `${origin}/base`, ...properties }
  await using outlet = await openReceiver(httpReceiver, { properties: all, ...(given.flow && { flow: given.flow }) })
  await outlet.send(exchange, testRun(given.run))
  return { exchange, seen: seen[0] as Seen, all: seen }
}

test('address, query and the headers that change them make the URL', async () => {
  const cases: readonly [properties: Record<string, string>, headers: Record<string, string>, expected: string][] = [
    [{}, {}, '/base'],
    [{ httpAddressQuery: '?a=1&$format=json' }, {}, '/base?a=1&$format=json'],
    [{ httpAddressQuery: 'q=${header.q}' }, { q: 'x y/ü' }, '/base?q=x%20y/%C3%BC'],
    [{ httpAddressWithoutQuery: '${header.to}/b' }, { to: 'ORIGIN' }, '/b'],
    [{ httpAddressQuery: 'a=1' }, { CamelHttpQuery: 'b=2' }, '/base?b=2'],
    [{ httpAddressQuery: 'a=1' }, { CamelHttpPath: '/more/x y' }, '/base/more/x%20y?a=1'],
    [{}, { CamelHttpPath: 'a?b#c' }, '/base/a%3Fb%23c'],
    [{}, { camelhttpuri: 'ORIGIN/other', CamelHttpPath: 'deep' }, '/other/deep'],
    [{ httpAddressQuery: 'a=1\r\nX-Evil: 1' }, {}, '/base?a=1%0D%0AX-Evil:%201'],
  ]
  for (const [properties, headers, expected] of cases) {
    const filled = Object.entries(headers).map(([name, value]) => [name, value.replace('ORIGIN', origin)] as const)
    const outcome = await call({ httpMethod: 'GET', ...properties }, { exchange: new Exchange({ headers: filled }) })
    assert.equal(outcome.seen.url, expected)
  }
})

test('an address that must not be called fails before anything is sent', async () => {
  const cases: readonly [properties: Record<string, string>, headers: Record<string, string>][] = [
    [{ httpAddressWithoutQuery: 'ftp://host/x' }, {}],
    [{ httpAddressWithoutQuery: 'no url' }, {}],
    [{ httpAddressWithoutQuery: 'https://{{host}}/x' }, {}],
    [{ httpAddressWithoutQuery: 'https://host/{{path}}' }, {}],
    [{ httpAddressQuery: 'q={{q}}' }, {}],
    [{ httpAddressWithoutQuery: 'http://user:pass@host/' }, {}],
    [{}, { CamelHttpPath: '../admin' }],
    [{}, { CamelHttpPath: 'a/%2e%2e/admin' }],
    [{}, { CamelHttpUri: 'file:///etc/passwd' }],
  ]
  for (const [properties, headers] of cases) {
    const exchange = new Exchange({ headers: Object.entries(headers) })
    await assert.rejects(
      call(properties, { exchange }),
      { code: 'http.addressInvalid' },
      JSON.stringify([properties, headers]),
    )
    assert.equal(seen.length, 0)
  }
})

test('the body goes with the methods that have one, or when it is asked for', async () => {
  const cases: readonly [method: string, sendBody: string, expected: string][] = [
    ['POST', 'false', 'question'],
    ['PUT', 'false', 'question'],
    ['PATCH', '0', 'question'],
    ['GET', 'false', ''],
    ['DELETE', 'false', ''],
    ['DELETE', '1', 'question'],
    ['GET', 'true', 'question'],
  ]
  for (const [httpMethod, httpShouldSendBody, expected] of cases) {
    const outcome = await call({ httpMethod, httpShouldSendBody })
    assert.deepEqual([outcome.seen.method, outcome.seen.body], [httpMethod, expected])
  }
})

test('a dynamic method comes from its expression', async () => {
  const properties = { httpMethod: 'DYNAMIC', methodSourceExpression: '${header.m}' }
  const withMethod = (m: string) => ({ exchange: new Exchange({ headers: [['m', m]] }) })
  assert.equal((await call(properties, withMethod('put'))).seen.method, 'PUT')
  assert.equal((await call(properties)).seen.method, 'POST')
  await assert.rejects(call(properties, withMethod('CONNECT')), { code: 'http.methodInvalid' })
})

const manyHeaders: [string, unknown][] = [
  ['Content-Type', 'text/plain'],
  ['X-One', '1'],
  ['X-Two', 2],
  ['Authorization', 'Bearer t'],
  ['CamelHttpResponseCode', 200],
  ['Host', 'evil'],
  ['Content-Length', '3'],
  ['Connection', 'close'],
  ['Transfer-Encoding', 'chunked'],
  ['X-Object', { some: 'thing' }],
  ['SAP-Connectivity-Authentication', 'Bearer who'],
  ['SapAuthenticatedUserName', 'ann'],
]

test('only the request headers listed are sent, Content-Type always, those of the connection never', async () => {
  const cases: readonly [list: string | undefined, expected: readonly string[]][] = [
    ['', ['content-type']],
    ['X-One', ['content-type', 'x-one']],
    ['x-one|X-TWO', ['content-type', 'x-one', 'x-two']],
    ['x-one,x-two', ['content-type', 'x-one', 'x-two']],
    ['*', ['authorization', 'content-type', 'sapauthenticatedusername', 'x-one', 'x-two']],
    ['SAP-Connectivity-Authentication', ['content-type', 'sap-connectivity-authentication']],
    ['Host|CamelHttpResponseCode|Content-Length', ['content-type']],
    [undefined, ['authorization', 'content-type', 'sapauthenticatedusername', 'x-one', 'x-two']],
  ]
  for (const [list, expected] of cases) {
    const exchange = new Exchange({ body: Body.ofText('q'), headers: manyHeaders })
    const outcome = await call(list === undefined ? {} : { allowedRequestHeaders: list }, { exchange })
    const names = Object.keys(outcome.seen.headers).filter(
      (name) => !['host', 'connection', 'content-length'].includes(name),
    )
    assert.deepEqual(names.sort(), expected, list)
    assert.equal(outcome.seen.headers.host, origin.slice(7))
  }
})

test('a header value with a line break is refused by name, not sent', async () => {
  const exchange = new Exchange({ headers: [['X-Bad', 'secret\r\nX-Evil: 1']] })
  await assert.rejects(call({}, { exchange }), (fault: Fault) => {
    assert.equal(fault.code, 'http.requestInvalid')
    assert.match(fault.message, /X-Bad/i)
    assert.doesNotMatch(fault.message, /secret/)
    return true
  })
})

test('the answer becomes the message', async () => {
  const { exchange } = await call(
    {},
    {
      exchange: new Exchange({
        headers: [
          ['Kept', 'yes'],
          ['x-answer', 'old'],
        ],
      }),
      answer: (_request, response) =>
        response
          .writeHead(201, 'Made', {
            'Content-Type': 'text/plain; charset=iso-8859-1',
            'X-Answer': 'new',
            'Set-Cookie': ['a=1', 'b=2'],
            CamelHttpUri: 'http://evil/',
            SAP_MessageProcessingLogID: 'forged',
          })
          .end(Buffer.from('gr\xfcn', 'latin1')),
    },
  )
  assert.equal(exchange.body.text(), 'grün')
  assert.deepEqual(
    [
      'Kept',
      'X-Answer',
      'set-cookie',
      'CamelHttpResponseCode',
      'CamelHttpResponseText',
      'CamelHttpUri',
      'SAP_MessageProcessingLogID',
      'content-length',
    ].map((name) => exchange.headers.get(name)),
    ['yes', 'new', ['a=1', 'b=2'], 201, 'Made', undefined, undefined, undefined],
  )
})

test('only the response headers listed become message headers', async () => {
  const respond: typeof answer = (_request, response) => void response.writeHead(200, { 'X-A': '1', 'X-B': '2' }).end()
  const { exchange } = await call({ allowedResponseHeaders: 'x-a' }, { answer: respond })
  assert.deepEqual([exchange.headers.get('X-A'), exchange.headers.get('X-B')], ['1', undefined])
})

test('compressed answers are expanded, broken ones are errors', async () => {
  for (const [coding, bytes] of [
    ['gzip', zlib.gzipSync('plain')],
    ['deflate', zlib.deflateSync('plain')],
    ['br', zlib.brotliCompressSync('plain')],
  ] as const) {
    const respond: typeof answer = (_request, response) =>
      void response.writeHead(200, { 'Content-Encoding': coding }).end(bytes)
    const { exchange } = await call({}, { answer: respond })
    assert.deepEqual([exchange.body.text(), exchange.headers.has('Content-Encoding')], ['plain', false])
  }
  for (const coding of ['gzip', 'unheard-of']) {
    const respond: typeof answer = (_request, response) =>
      void response.writeHead(200, { 'Content-Encoding': coding }).end('no')
    await assert.rejects(call({}, { answer: respond }), { code: 'http.answerInvalid' })
  }
})

test('a failed answer raises an error that carries it, and is attached to the log', async () => {
  const attached: string[] = []
  const log = { ...testRun().log, attach: ({ body }: { body: Body }) => void attached.push(body.text()) }
  const respond: typeof answer = (_request, response) =>
    void response.writeHead(422, 'No Way', { 'Content-Type': 'text/plain', 'X-Why': 'because' }).end('details')
  await assert.rejects(
    call({ httpAddressQuery: 'apikey=secret' }, { answer: respond, run: { log } }),
    (fault: Fault) => {
      assert.equal(fault.code, 'http.failed')
      assert.equal(fault.message, `HTTP operation failed invoking ${origin}/base with statusCode: 422`)
      const response = fault.details['response'] as FailedResponse
      assert.deepEqual([response.status, response.statusText, response.body], [422, 'No Way', 'details'])
      assert.ok(response.headers.some(([name, value]) => name === 'x-why' && value === 'because'))
      return true
    },
  )
  assert.deepEqual(attached, ['details'])
})

test('details are attached only where they are wanted', async () => {
  const attached: string[] = []
  const log = { ...testRun().log, attach: ({ body }: { body: Body }) => void attached.push(body.text()) }
  const respond: typeof answer = (_request, response) => void response.writeHead(500).end('details')
  await assert.rejects(call({ enableMPLAttachments: 'false' }, { answer: respond, run: { log } }))
  const exchange = new Exchange({ properties: [['SAP.DisableAttachments.HTTP', 'true']] })
  await assert.rejects(call({}, { answer: respond, run: { log }, exchange }))
  assert.deepEqual(attached, [])
})

test('a failed answer is an answer where the channel says so', async () => {
  const respond: typeof answer = (_request, response) => void response.writeHead(404).end('nothing here')
  const { exchange } = await call({ throwExceptionOnFailure: 'false' }, { answer: respond })
  assert.deepEqual([exchange.body.text(), exchange.headers.get('CamelHttpResponseCode')], ['nothing here', 404])
})

test('a redirect is not followed: it fails and names its target without the query', async () => {
  const respond: typeof answer = (_request, response) =>
    void response.writeHead(302, { Location: '/else?token=t' }).end()
  await assert.rejects(call({}, { answer: respond }), {
    message: `HTTP operation failed invoking ${origin}/base with statusCode: 302 and redirectLocation: ${origin}/else`,
  })
  assert.equal(seen.length, 1)
})

const basic = services({
  credentials: { userCredential: async (alias) => ({ user: `user of ${alias}`, password: 'p:ä' }) },
})

test('Basic authentication takes the credential by its evaluated name and leaves the message alone', async () => {
  const exchange = new Exchange({
    headers: [
      ['who', 'ERP'],
      ['Authorization', 'Bearer own'],
    ],
  })
  const properties = { authenticationMethod: 'Basic', credentialName: '${header.who}_CRED' }
  const outcome = await call(properties, { exchange, run: { services: basic } })
  const expected = `Basic ${Buffer.from('user of ERP_CRED:p:ä').toString('base64')}`
  assert.equal(outcome.seen.headers.authorization, expected)
  assert.equal(exchange.headers.get('Authorization'), 'Bearer own')
  assert.ok(![...exchange.headers].some(([, value]) => value === expected))
})

test('Basic authentication without a credential fails at the call', async () => {
  await assert.rejects(call({ authenticationMethod: 'Basic' }), { code: 'outbound.aliasMissing' })
  assert.equal(seen.length, 0)
})

test('a call is repeated for the statuses listed, up to the number of retries', async () => {
  const failTwice: typeof answer = (_request, response) =>
    void response.writeHead(seen.length <= 2 ? 503 : 200).end('done')
  const properties = { httpErrorResponseCodes: '500, 503', retryIteration: '2', retryInterval: '0' }
  assert.equal((await call(properties, { answer: failTwice })).all.length, 3)
  await assert.rejects(call({ ...properties, retryIteration: '1' }, { answer: failTwice }), { code: 'http.failed' })
  await assert.rejects(call({ ...properties, httpErrorResponseCodes: '502' }, { answer: failTwice }), {
    code: 'http.failed',
  })
  assert.equal(seen.length, 1)
})

test('a broken connection is repeated only where the channel says so', async () => {
  const breakOnce: typeof answer = (_request, response) =>
    void (seen.length === 1 ? response.destroy() : response.end('done'))
  const again = { retryOnConnectionFailure: 'true', retryIteration: '1', retryInterval: '0' }
  assert.equal((await call(again, { answer: breakOnce })).exchange.body.text(), 'done')
  await assert.rejects(call({}, { answer: breakOnce }), { code: 'http.unreachable' })
})

test('a port nobody listens at is unreachable', async () => {
  const unused = http.createServer()
  await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve))
  const { port } = unused.address() as AddressInfo
  await new Promise((resolve) => unused.close(resolve))
  await assert.rejects(call({ httpAddressWithoutQuery: `http://127.0.0.1:${port}` }), {
    code: 'http.unreachable',
    message: /refuses/,
  })
})

test('a silent receiver runs into the timeout of the channel', async () => {
  await assert.rejects(call({ httpRequestTimeout: '100' }, { answer: () => {} }), { code: 'http.timeout' })
  server.closeAllConnections()
})

test('a message that is cancelled gives up its call', async () => {
  const controller = new AbortController()
  const cancel: typeof answer = () => controller.abort(new Error('cancelled by the test'))
  await assert.rejects(call({}, { answer: cancel, run: { signal: controller.signal } }), /cancelled by the test/)
  server.closeAllConnections()
})

test('cookies are kept as the session handling of the flow says', async () => {
  const setOnce: typeof answer = (request, response) =>
    void response
      .writeHead(200, request.headers.cookie === undefined ? { 'Set-Cookie': 'sid=1; Path=/; HttpOnly' } : {})
      .end()
  const properties = { httpAddressWithoutQuery: `${origin}/base`, httpMethod: 'GET', allowedRequestHeaders: '' }
  for (const [sessionHandling, expected] of [
    ['None', [undefined, undefined, undefined]],
    ['onExchange', [undefined, 'sid=1', undefined]],
    ['onIntegrationFlow', [undefined, 'sid=1', 'sid=1']],
  ] as const) {
    seen = []
    answer = setOnce
    await using outlet = await openReceiver(httpReceiver, { properties, flow: { sessionHandling } })
    const cleanups: (() => void | Promise<void>)[] = []
    const first = testRun({ messageId: `first ${sessionHandling}`, cleanups })
    await outlet.send(new Exchange(), first)
    await outlet.send(new Exchange(), first)
    await outlet.send(new Exchange(), testRun({ messageId: `second ${sessionHandling}`, cleanups }))
    for (const cleanup of cleanups) await cleanup()
    assert.deepEqual(
      seen.map(({ headers }) => headers.cookie),
      expected,
      sessionHandling,
    )
  }
})

test('a body on disk is sent as a stream with its length', async () => {
  const folder = temporaryFolder('http')
  writeFileSync(`${folder}/body`, 'from disk')
  const exchange = new Exchange({ body: Body.ofFile({ path: `${folder}/body`, size: 9 }) })
  const outcome = await call({}, { exchange })
  assert.deepEqual([outcome.seen.body, outcome.seen.headers['content-length']], ['from disk', '9'])
})

test('what cannot be done is refused when the flow is deployed', async () => {
  for (const properties of [{ proxyType: 'sapcc' }, { providerName: 'Some provider' }]) {
    await assert.rejects(openReceiver(httpReceiver, { properties }), (refused: PropertiesRefused) => {
      assert.ok(refused.problems.every(({ field, unsupported }) => field === Object.keys(properties)[0] && unsupported))
      return true
    })
  }
  await assert.rejects(openReceiver(httpReceiver, { properties: { httpErrorResponseCodes: '5xx' } }), PropertiesRefused)
})
