import assert from 'node:assert/strict'
import { test } from 'node:test'

import { httpRequest, principalOf } from '../../../test/kit/http-request.ts'
import { listen } from '../../../test/kit/sender.ts'
import { bundle, flowFacts, PropertiesRefused, rows } from '../../../test/kit/step.ts'
import type { Deliver, FlowFacts, HttpRequest, HttpResponse, HttpRoute, Principal } from '../../flow/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { httpsSender } from './sender.ts'

const principal = principalOf('client-1', { method: 'certificate' })

const request = (given: Partial<HttpRequest> = {}): HttpRequest =>
  httpRequest({
    url: 'https://localhost:8443/http/orders',
    body: Body.ofText('question'),
    principal,
    messageId: 'AGmessage',
    ...given,
  })

async function route(
  properties: Readonly<Record<string, string>>,
  deliver?: Deliver,
  flow: Partial<FlowFacts> = {},
): Promise<HttpRoute> {
  const claimed = await listen(httpsSender, {
    properties: { urlPath: '/orders', ...properties },
    context: { flow: flowFacts(flow) },
    ...(deliver && { deliver }),
  })
  return claimed.http[0] as HttpRoute
}

test('the address and the checks of the route come from the channel', async () => {
  const plain = await route({})
  assert.deepEqual(
    [plain.base, plain.address, plain.csrfProtected, plain.maxBodySize],
    ['/http', '/orders', true, 40 * 1024 * 1024],
  )
  assert.deepEqual(plain.authorization, { kind: 'role', role: 'ESBMessaging.send' })

  const all = await route({ urlPath: 'deep/*', xsrfProtection: '0', maximumBodySize: '1', userRole: 'My.role' })
  assert.deepEqual([all.address, all.csrfProtected, all.maxBodySize], ['/deep/*', false, 1024 * 1024])
  assert.deepEqual(all.authorization, { kind: 'role', role: 'My.role' })

  const clientCertificates = rows({ 'clientCertificate.subjectDN': 'CN=a', 'clientCertificate.issuerDN': 'CN=ca' })
  const byCertificate = await route({ senderAuthType: 'ClientCertificate', clientCertificates })
  assert.deepEqual(byCertificate.authorization, {
    kind: 'certificate',
    certificates: [{ subjectDn: 'CN=a', issuerDn: 'CN=ca' }],
  })
})

test('a channel that would let nobody or anybody in is refused', async () => {
  await assert.rejects(route({ senderAuthType: 'ClientCertificate' }), { code: 'https.certificatesMissing' })
  for (const [row, code] of [
    [{ 'clientCertificate.subjectDN': '', 'clientCertificate.issuerDN': ' ' }, 'https.certificatesMissing'],
    [{ 'clientCertificate.subjectDN': 'CN=a', 'clientCertificate.issuerDN': '' }, 'https.certificateIncomplete'],
  ] as const) {
    await assert.rejects(route({ senderAuthType: 'ClientCertificate', clientCertificates: rows(row) }), { code })
    assert.equal((await route({ clientCertificates: rows(row) })).authorization.kind, 'role')
  }
  await assert.rejects(route({ userRole: ' ' }), { code: 'https.roleMissing' })
  await assert.rejects(route({ senderAuthType: 'None' }), PropertiesRefused)
  await assert.rejects(route({ urlPath: '/a?b' }), PropertiesRefused)
  await assert.rejects(route({ maximumBodySize: '0' }), PropertiesRefused)
})

/** What the flow gets of a request. */
async function received(
  given: Partial<HttpRequest>,
  flow: Partial<FlowFacts> = {},
  properties: Readonly<Record<string, string>> = {},
) {
  let exchange: Exchange | undefined
  let correlationId: string | undefined
  const deliver: Deliver = async (message, origin) => {
    exchange = message.copy()
    correlationId = origin.correlationId
    assert.equal(origin.principal, given.principal ?? principal)
    assert.equal(origin.messageId, 'AGmessage')
    return 'completed'
  }
  await (await route(properties, deliver, flow)).handle(request(given))
  return { exchange: exchange as Exchange, correlationId }
}

test('the adapter adds its own headers', async () => {
  const { exchange } = await received({ rest: '/7', query: 'a=1' }, {}, { urlPath: '/orders/*' })
  const names = [
    'CamelHttpMethod',
    'CamelHttpPath',
    'CamelHttpQuery',
    'CamelHttpUrl',
    'CamelServletContextPath',
    'SapAuthenticatedUserName',
  ]
  assert.deepEqual(
    names.map((name) => exchange.headers.get(name)),
    ['POST', '/7', 'a=1', 'https://localhost:8443/http/orders', '/http/orders', 'client-1'],
  )
  assert.equal(exchange.body.text(), 'question')
  assert.ok(!(await received({})).exchange.headers.has('CamelHttpQuery'))
})

const byCertificate = {
  senderAuthType: 'ClientCertificate',
  clientCertificates: rows({ 'clientCertificate.subjectDN': 'CN=a', 'clientCertificate.issuerDN': 'CN=ca' }),
}

test('the header of the user is set for channels by role, and by nobody else than the adapter', async () => {
  const forged: [string, string][] = [
    ['SapAuthenticatedUserName', 'forged'],
    ['sapauthenticatedusername', 'forged'],
  ]
  const nameless: Principal = { ...principal, name: '' }
  for (const [properties, caller, expected] of [
    [{}, principal, 'client-1'],
    [{}, nameless, undefined],
    [byCertificate, principal, undefined],
    [byCertificate, nameless, undefined],
  ] as const) {
    const { exchange } = await received(
      { headers: forged, query: 'SapAuthenticatedUserName=forged', principal: caller },
      { allowedHeaders: () => true },
      properties,
    )
    assert.equal(exchange.headers.get('SapAuthenticatedUserName'), expected)
  }
})

const ofToken: Principal = {
  ...principal,
  method: 'bearer',
  name: 'Jürgen',
  subject: 'Jürgen',
  issuer: 'https://idp.example',
  attributes: { mail: 'j@example.com', name: 'admin', IDP: 'https://other.example' },
}

test('a propagated user is read where flows look for the token of the original, without the token', async () => {
  const token = 'eyJhbGciOiJub25lIn0.e30.'
  const forged: [string, string][] = [
    ['SAP-Connectivity-Authentication', token],
    ['sap_connectivity_authentication', token],
  ]
  const { exchange } = await received({ headers: forged, principal: ofToken }, { allowedHeaders: () => true })
  const { headers, properties } = exchange
  const value = headers.text('SAP-Connectivity-Authentication') ?? ''
  assert.deepEqual(
    [properties.get('SAP_AuthHeaderName'), properties.get('SAP_AuthHeaderValue')],
    ['SAP-Connectivity-Authentication', value],
  )
  assert.deepEqual(JSON.parse(Buffer.from(value, 'base64').toString()), {
    name: 'Jürgen',
    attributes: { mail: 'j@example.com', name: 'Jürgen', IDP: 'https://idp.example' },
  })
  assert.ok(![...headers, ...properties].some(([, held]) => String(held).includes(token)))
  assert.equal(headers.text('SapAuthenticatedUserName'), 'Jürgen')
})

for (const [what, caller, properties] of [
  ['a certificate', principal, {}],
  ['a password', { ...principal, method: 'basic' }, {}],
  ['a token without a name', { ...ofToken, name: '' }, {}],
  ['a channel that authorizes names of certificates', ofToken, byCertificate],
] as const)
  test(`${what} brings no user of a token, and neither does the wire`, async () => {
    const headers: [string, string][] = [['SAP-Connectivity-Authentication', 'forged']]
    const query = 'SAP-Connectivity-Authentication=forged'
    const { exchange } = await received(
      { headers, query, principal: caller },
      { allowedHeaders: () => true },
      properties,
    )
    assert.ok(!exchange.headers.has('SAP-Connectivity-Authentication'))
    assert.ok(!exchange.properties.has('SAP_AuthHeaderValue') && !exchange.properties.has('SAP_AuthHeaderName'))
  })

const wire: [string, string][] = [
  ['content-type', 'text/xml'],
  ['X-Custom', '1'],
  ['X-Other', '2'],
  ['CamelHttpUri', 'http://evil/'],
  ['SapAuthenticatedUserName', 'forged'],
  ['SAP_Receiver', 'label'],
  ['SapDataStoreId', 'forged'],
  ['sap-client', '100'],
  ['SAP_MplCorrelationId', 'AGcorrelation-1'],
]

test('headers and query parameters enter where the flow allows them, those of the platform never', async () => {
  const query = 'x-custom=q&y=%20z&CamelHttpUri=evil&Authorization=Basic%20x&SSL_CLIENT_CERT=x&=nameless'
  const custom = await received(
    { headers: wire, query },
    { allowedHeaders: (name) => /^(x-custom|y|camel.*|sap.*|authorization|ssl.*|)$/i.test(name) },
  )
  const { headers } = custom.exchange
  assert.deepEqual(
    [
      'Content-Type',
      'X-Custom',
      'X-Other',
      'y',
      'CamelHttpUri',
      'SAP_Receiver',
      'SapDataStoreId',
      'sap-client',
      'Authorization',
      'SSL_CLIENT_CERT',
      'SapAuthenticatedUserName',
    ].map((name) => headers.get(name)),
    ['text/xml', '1,q', undefined, ' z', undefined, 'label', undefined, '100', undefined, undefined, 'client-1'],
  )
  const none = await received({ headers: wire }, { allowedHeaders: () => false })
  assert.deepEqual(
    [none.exchange.headers.get('Content-Type'), none.exchange.headers.has('X-Custom')],
    ['text/xml', false],
  )
})

test('the correlation id is taken from the caller where it is one', async () => {
  assert.equal((await received({ headers: wire })).correlationId, 'AGcorrelation-1')
  assert.equal((await received({ headers: [['SAP_MplCorrelationId', 'a\r\nb']] })).correlationId, undefined)
})

/** The answer to a message that the flow finishes so. */
async function answered(finish: (exchange: Exchange) => void): Promise<HttpResponse> {
  const deliver: Deliver = async (exchange) => {
    finish(exchange)
    return 'completed'
  }
  return (await route({}, deliver)).handle(request({ headers: [['content-type', 'text/plain']] }))
}

test('the status is 200, 204 without a body, or what the flow asks for', async () => {
  const cases: readonly [asked: unknown, body: string, status: number][] = [
    [undefined, 'x', 200],
    [undefined, '', 204],
    ['', 'x', 200],
    [201, 'x', 201],
    ['404', 'x', 404],
    [200, '', 200],
    ['99', 'x', 500],
    [101, 'x', 500],
    [600, 'x', 500],
    ['ok', 'x', 500],
    [{}, 'x', 500],
  ]
  for (const [asked, body, status] of cases) {
    const response = await answered((exchange) => {
      exchange.body = Body.ofText(body)
      if (asked !== undefined) exchange.headers.set('CamelHttpResponseCode', asked)
    })
    assert.equal(response.status, status, String(asked))
  }
  const silent = await answered((exchange) => exchange.headers.set('CamelHttpResponseCode', 204))
  assert.ok(silent.body.isEmpty)
})

test('message headers go back, those of the platform, of the connection and of the request do not', async () => {
  const { headers } = await answered((exchange) => {
    for (const [name, value] of [
      ['X-Answer', 'a'],
      ['X-Number', 7],
      ['Set-Cookie', ['a=1', 'b=2']],
      ['X-Object', { no: 'form' }],
      ['X-Break', 'a\r\nX-Evil: 1'],
      ['X-Wide', 'a\u20acb'],
      ['bad name', '1'],
      ['CamelFileName', 'f'],
      ['SAP_ApplicationID', 'id'],
      ['SAP_MplCorrelationId', 'AGcorrelation'],
      ['Authorization', 'Basic x'],
      ['Cookie', 'sid=1'],
      ['Host', 'h'],
      ['Content-Length', '1'],
      ['Transfer-Encoding', 'chunked'],
      ['X-Forwarded-For', '10.0.0.1'],
    ] as const)
      exchange.headers.set(name, value)
  })
  assert.deepEqual(headers, [
    ['SAP_MessageProcessingLogID', 'AGmessage'],
    ['SAP_MplCorrelationId', 'AGcorrelation'],
    ['Content-Type', 'text/plain'],
    ['X-Answer', 'a'],
    ['X-Number', '7'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['X-Break', 'a X-Evil: 1'],
    ['X-Wide', 'a?b'],
  ])
})

test('an error tells the message id, and its words only where the flow says so', async () => {
  const fail: Deliver = async () => {
    throw new Error('the reason')
  }
  const escalate: Deliver = async () => 'escalated'
  const id = 'The MPL ID for the failed message is : AGmessage'
  for (const [deliver, returnExceptionToSender, expected] of [
    [fail, false, `An internal server error occured: ${id}`],
    [fail, true, `An internal server error occured: the reason\n\n${id}`],
    [escalate, false, `An internal server error occured: ${id}`],
  ] as const) {
    const response = await (await route({}, deliver, { returnExceptionToSender })).handle(request())
    assert.deepEqual([response.status, response.body.text()], [500, expected])
    assert.deepEqual(response.headers[0], ['Content-Type', 'text/plain; charset=utf-8'])
  }
})

test('cross-origin settings come from the flow, and are off unless it turns them on', async () => {
  const settings = {
    corsEnabled: 'true',
    allowedOrigins: 'https://a.example, https://b.example',
    allowedMethods: 'get,POST',
    accessControlMaxAge: '600',
    accessControlAllowCredentials: 'true',
  }
  const withSettings = async (given: Record<string, string>) =>
    (await listen(httpsSender, { properties: { urlPath: '/x' }, context: { bundle: bundle({ settings: given }) } }))
      .http[0]?.cors
  assert.deepEqual(await withSettings(settings), {
    origins: ['https://a.example', 'https://b.example'],
    methods: ['GET', 'POST'],
    headers: [],
    exposed: [],
    maxAge: 600,
    credentials: true,
  })
  assert.equal(await withSettings({ ...settings, corsEnabled: 'false' }), undefined)
  assert.equal(await withSettings({}), undefined)
})
