import assert from 'node:assert/strict'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { services, testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { Fault, silentLog, systemClock } from '../base/index.ts'
import { createReach } from '../connectivity/reach.ts'
import type { ScriptRequest, ScriptResponse, Services } from '../flow/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../keystore/index.ts'
import { Exchange } from '../message/index.ts'
import { createScriptRequests } from '../outbound/index.ts'
import { createGroovyHost, createJavaScriptHost, createScripts, findJava, serviceCalls } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

const cacheFolder = temporaryFolder('http')
const given = { cacheFolder, log: silentLog, calls: serviceCalls }
const groovy = createGroovyHost(given)
const javaScript = createJavaScriptHost(given)
const unguarded = createGroovyHost({ ...given, sandbox: { required: false, without: ['guard'] } })

let asked: ScriptRequest[] = []
let answer: Partial<ScriptResponse> | Fault = {}

/** Tells what was asked, and answers as the test says. */
const told: Pick<Services, 'scriptRequests'> = {
  scriptRequests: {
    async request(request) {
      asked.push(request)
      if (answer instanceof Fault) throw answer
      const body = Buffer.from('größe')
      return { status: 200, statusText: 'OK', headers: [], body, url: request.url, ...answer }
    },
  },
}

type Ports = Parameters<typeof services>[0]

async function made(file: string, source: string, ports: Ports = told, host = groovy): Promise<string> {
  const scripts = createScripts({ host, javaScript, collections: () => undefined })
  const bundle = await bundleOf({ id: 'Calls', processes: [], files: { [file]: source } })
  const language = file.endsWith('.groovy') ? 'groovy' : 'javascript'
  const exchange = new Exchange()
  const script = await scripts.compile({ language, bundle, file, functionName: '', collection: '' })
  await script.run(exchange, testRun({ services: services(ports) }))
  return exchange.body.text()
}
const inGroovy = (lines: string, ports?: Ports, host?: typeof groovy): Promise<string> =>
  made(
    'call.groovy',
    `def result() { ${lines} }\ndef processData(message) { message.body = String.valueOf(result()); message }`,
    ports,
    host,
  )
const inJavaScript = (lines: string, ports?: Ports): Promise<string> =>
  made('call.js', `export function processData(message) { const { http } = message.services; ${lines} }`, ports)

after(async () => {
  await Promise.all([groovy.close(), unguarded.close(), javaScript.close()])
})
beforeEach(() => {
  asked = []
  answer = {}
})

const url = 'https://api.test/path?q=1'
const opened = `def c = new URL('${url}').openConnection()`
const headerOf = ({ headers }: ScriptRequest, name: string): string | undefined =>
  headers[headers.findIndex((one, at) => at % 2 === 0 && one.toLowerCase() === name.toLowerCase()) + 1]

describe(`requests in Groovy${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  if (java === undefined) return

  const headers = ['content-type', 'text/plain', 'set-cookie', 'a=1', 'set-cookie', 'b=2']
  const reads: readonly [lines: string, expected: string, answer?: Partial<ScriptResponse>][] = [
    [`new URL('${url}').text`, 'größe'],
    [`new URL('${url}').getText('UTF-8')`, 'größe'],
    [`new URL('${url}').bytes.length`, '7'],
    [`'${url}'.toURL().withReader('UTF-8') { it.readLine() }`, 'größe'],
    [`def r = ''; new URL('${url}').eachLine('UTF-8') { r += it }; r`, 'größe'],
    [`new URI('${url}').toURL().openStream().getText('UTF-8')`, 'größe'],
    [`${opened}; [c.responseCode, c.responseMessage, c.inputStream.getText('UTF-8')]`, '[200, OK, größe]'],
    [`${opened}; c.connect(); c.connect(); c.content.getText('UTF-8')`, 'größe', { headers: ['content-type', 'x/y'] }],
    [`${opened}; c.inputStream.is(c.inputStream)`, 'true'],
    [`(${opened.slice(8)} as HttpURLConnection).class.superclass.name`, 'javax.net.ssl.HttpsURLConnection'],
    [
      `${opened}; [c.getHeaderField('content-TYPE'), c.contentType, c.getHeaderField('Set-Cookie'), c.getHeaderField('X')]`,
      '[text/plain, text/plain, b=2, null]',
      { headers },
    ],
    [
      `${opened}; [c.headerFields['Set-Cookie'], c.headerFields.get(null)]`,
      '[[a=1, b=2], [HTTP/1.1 200 OK]]',
      { headers },
    ],
    [`${opened}; c.headerFields.keySet()`, '[null, Content-Type, Set-Cookie]', { headers }],
    [
      `${opened}; (0..4).collect { c.getHeaderFieldKey(it) + '=' + c.getHeaderField(it) }`,
      '[null=HTTP/1.1 200 OK, Content-Type=text/plain, Set-Cookie=a=1, Set-Cookie=b=2, null=null]',
      { headers },
    ],
    [`${opened}; c.inputStream; c.URL`, 'https://api.test/other', { url: 'https://api.test/other' }],
    [`${opened}; [c.responseCode, c.errorStream.getText('UTF-8')]`, '[500, größe]', { status: 500 }],
    [`${opened}; c.errorStream`, 'null', { status: 500 }],
    [
      `${opened}; try { c.inputStream } catch (IOException e) { e.message }`,
      `Server returned HTTP response code: 500 for URL: ${url}`,
      { status: 500 },
    ],
    [`try { new URL('${url}').text } catch (FileNotFoundException e) { e.message }`, url, { status: 404 }],
    [`[new URL('${url}') == new URL('${url}'), new URL('http://a.test').defaultPort]`, '[true, 80]'],
    [`${opened}; c.disconnect(); c.usingProxy()`, 'false'],
    [`new URL('http://api.test').openConnection() instanceof javax.net.ssl.HttpsURLConnection`, 'false'],
  ]
  for (const [lines, expected, answered = {}] of reads)
    it(`answer ${lines}`, async () => {
      answer = answered
      assert.equal(await inGroovy(lines), expected)
    })

  it('are sent with their method, headers and body when something of the answer is wanted', async () => {
    await inGroovy(`${opened}; c.requestMethod = 'PUT'; c.doOutput = true; c.connectTimeout = 5; c.readTimeout = 7
      c.instanceFollowRedirects = false; c.setFixedLengthStreamingMode(6)
      c.setRequestProperty('Authorization', 'Basic x'); c.addRequestProperty('X', '1'); c.addRequestProperty('X', '2')
      c.outputStream.withWriter('UTF-8') { it << 'größ' }; c.responseCode; c.responseCode`)
    const [{ headers: sent, body, ...rest } = assert.fail(), ...more] = asked
    assert.deepEqual(more, [])
    const expected = { method: 'PUT', url, followRedirects: false, connectTimeout: 5, readTimeout: 7 }
    assert.deepEqual([rest, body?.toString()], [expected, 'größ'])
    assert.equal(headerOf({ headers: sent } as ScriptRequest, 'authorization'), 'Basic x')
    assert.deepEqual(
      sent.filter((_, at) => sent[at - 1] === 'X'),
      ['1', '2'],
    )
    assert.match(headerOf({ headers: sent } as ScriptRequest, 'user-agent') ?? '', /^Java\//)
  })
  it('become a POST with a body, as in Java', async () => {
    await inGroovy(
      `${opened}; c.setDoOutput(true); new OutputStreamWriter(c.getOutputStream()).with { write('a=b'); flush() }; c.getInputStream().text`,
    )
    const [first = assert.fail()] = asked
    assert.deepEqual([first.method, first.body?.toString()], ['POST', 'a=b'])
    assert.equal(headerOf(first, 'content-type'), 'application/x-www-form-urlencoded')
  })
  it('are made by getText with its parameters', async () => {
    await inGroovy(
      `new URL('${url}').getText(connectTimeout: 3, readTimeout: 4, requestProperties: ['X-Key': 'k', Accept: 'a/b'])`,
    )
    const [first = assert.fail()] = asked
    assert.deepEqual([first.connectTimeout, first.readTimeout, headerOf(first, 'x-key')], [3, 4, 'k'])
    assert.equal(headerOf(first, 'accept'), 'a/b')
  })
  it('may be PATCH', async () => {
    await inGroovy(`${opened}; c.requestMethod = 'PATCH'; c.responseCode`)
    assert.equal(asked[0]?.method, 'PATCH')
  })
  it('are not sent where nobody asks for the answer', async () => {
    await inGroovy(`${opened}; c.doOutput = true; c.outputStream << 'x'; c.connect(); 1`)
    assert.deepEqual(asked, [])
  })

  for (const [code, exception] of [
    ['http.unreachable', 'java.net.ConnectException'],
    ['http.timeout', 'java.net.SocketTimeoutException'],
    ['http.tls', 'javax.net.ssl.SSLHandshakeException'],
    ['http.answerTooLarge', 'java.io.IOException'],
  ] as const)
    it(`that fail with ${code} throw ${exception}`, async () => {
      answer = new Fault({ code, kind: 'failed', message: 'the words', remedy: '' })
      const lines = `try { new URL('${url}').text } catch (IOException e) { e.class.name + ': ' + e.message }`
      assert.equal(await inGroovy(lines), `${exception}: the words`)
    })
  it('that may not be made fail the message, whatever the script catches', async () => {
    answer = new Fault({ code: 'outbound.addressRefused', kind: 'denied', message: 'no', remedy: '' })
    const lines = `try { new URL('${url}').text } catch (IOException e) { e.message }`
    await assert.rejects(inGroovy(lines), { code: 'outbound.addressRefused' })
  })
  it('say that there is no network', async () => {
    const refused = inGroovy(`new URL('${url}').text`, {})
    await assert.rejects(refused, { code: 'scripts.failed', message: /no network for scripts yet/ })
  })

  const all = `def all = [getAcceptedIssuers: { null }, checkClientTrusted: { a, b -> }, checkServerTrusted: { a, b -> }] as javax.net.ssl.X509TrustManager
    def tls = javax.net.ssl.SSLContext.getInstance('TLS'); tls.init(null, [all] as javax.net.ssl.TrustManager[], null)`
  for (const [what, lines] of [
    ['of a connection', `${all}; ${opened}; c.SSLSocketFactory = tls.socketFactory; c.responseCode`],
    ['of all connections', `${all}; javax.net.ssl.HttpsURLConnection.setDefaultSSLSocketFactory(tls.socketFactory)`],
    ['by a default context', `${all}; javax.net.ssl.SSLContext.setDefault(tls)`],
    [
      'of host names',
      `${opened}; c.hostnameVerifier = { a, b -> true } as javax.net.ssl.HostnameVerifier; c.responseCode`,
    ],
    [
      'of all host names',
      `javax.net.ssl.HttpsURLConnection.setDefaultHostnameVerifier({ a, b -> true } as javax.net.ssl.HostnameVerifier)`,
    ],
  ] as const)
    it(`cannot change the check of TLS ${what}`, async () => {
      const message = /A script may not .*how TLS is checked.*certificates of its keystore/
      await assert.rejects(inGroovy(lines), { code: 'scripts.failed', message })
      assert.deepEqual(asked, [])
    })

  it('cannot change the check of TLS for all where no guard stands', async () => {
    const lines = `${opened}; c.responseCode; javax.net.ssl.HttpsURLConnection.setDefault`
    const message = /A script may not .*how TLS is checked/
    const verifier = `${lines}HostnameVerifier({ a, b -> true } as javax.net.ssl.HostnameVerifier); new URL('${url}').text`
    const factory = `${all}; ${lines}SSLSocketFactory(tls.socketFactory); new URL('${url}').text`
    // The next script of the host is told, too: what was set is set for all.
    for (const changed of [factory, verifier, `new URL('${url}').text`])
      await assert.rejects(inGroovy(changed, told, unguarded), { code: 'scripts.failed', message })
    assert.equal(asked.length, 1)
  })

  for (const [what, lines, message] of [
    ['a file URL', `new URL('file:///etc/hostname').text`, /./],
    [
      'a proxy',
      `new URL('${url}').openConnection(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved('p', 1))).responseCode`,
      /./,
    ],
    ['a body nobody said would come', `${opened}; c.outputStream`, /setDoOutput/],
    [
      'more than a request may have',
      `${opened}; c.doOutput = true; c.outputStream << new byte[16777217]`,
      /16777216 bytes/,
    ],
    ['a header that comes too late', `${opened}; c.connect(); c.setRequestProperty('a', 'b')`, /connected/],
    ['a handler of its own for all', `URL.setURLStreamHandlerFactory(null)`, /./],
  ] as const)
    it(`are not made for ${what}`, async () => {
      await assert.rejects(inGroovy(lines), { code: 'scripts.failed', message })
      assert.deepEqual(asked, [])
    })
})

describe('requests in JavaScript', () => {
  it('are sent with all they say', async () => {
    answer = { status: 201, headers: ['content-type', 'a/b', 'x', '1', 'x', '2'], body: Buffer.from('{"a":"größe"}') }
    const body = await inJavaScript(`
      const answer = http.request({ method: 'PUT', url: '${url}', headers: { 'X-Key': 'k' }, body: { n: 1 }, followRedirects: false, connectTimeout: 5, readTimeout: 7 })
      message.body = [answer.status, answer.statusText, answer.ok, answer.headers['x'], answer.text(), answer.json().a, answer.bytes().length, answer.url].join('|')`)
    assert.equal(body, `201|OK|true|1, 2|{"a":"größe"}|größe|15|${url}`)
    const [{ headers, body: sent, ...rest } = assert.fail()] = asked
    const expected = { method: 'PUT', url, followRedirects: false, connectTimeout: 5, readTimeout: 7 }
    assert.deepEqual([rest, headers, sent?.toString()], [expected, ['X-Key', 'k'], '{"n":1}'])
  })
  it('are a GET, or a POST with a body of text or bytes', async () => {
    await inJavaScript(
      `http.request({ url: '${url}' }); http.request({ url: '${url}', body: 'ü'.repeat(5000) }); http.request({ url: '${url}', body: new Uint8Array([1, 255]) })`,
    )
    assert.deepEqual(
      asked.map(({ method, body, followRedirects }) => [method, body?.length, followRedirects]),
      [
        ['GET', undefined, true],
        ['POST', 10_000, true],
        ['POST', 2, true],
      ],
    )
  })
  it('throw what went wrong', async () => {
    answer = new Fault({ code: 'http.timeout', kind: 'timeout', message: 'the words', remedy: '' })
    const lines = `try { http.request({ url: '${url}' }) } catch (error) { message.body = error.name + ': ' + error.message }`
    assert.equal(await inJavaScript(lines), 'java.io.IOException: the words')
  })
  it('that may not be made fail the message, whatever the script catches', async () => {
    answer = new Fault({ code: 'runtime.capabilityMissing', kind: 'denied', message: 'no', remedy: '' })
    await assert.rejects(inJavaScript(`try { http.request({ url: '${url}' }) } catch {}`), {
      code: 'runtime.capabilityMissing',
    })
  })
})

describe('requests over a real network', () => {
  let server: https.Server
  let root: string
  let port: number
  before(async () => {
    const issued = await createBuiltInCa({ clock: systemClock, name: 'Servers' })
    root = issued.chain
    const ca = openBuiltInCa({ certificate: issued.chain, key: issued.key, clock: systemClock })
    const { chain, key } = await ca.issueServer({ hostNames: ['api.test'] })
    server = https.createServer({ cert: chain, key }, (request, response) => {
      response.writeHead(request.method === 'POST' ? 201 : 200)
      request.pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  async function called(
    run: typeof inJavaScript,
    lines: string,
    networks: readonly string[],
    certificates: readonly string[],
  ) {
    await using requests = createScriptRequests({
      resolve: async () => ['127.0.0.1'],
      mayReach: createReach({ allowed: networks, privateToo: true }),
      log: silentLog,
      refused() {},
    })
    const trusted = { id: 'own', certificates }
    return await run(lines, { scriptRequests: requests, outbound: { trustedServers: async () => trusted } })
  }
  const kinds: readonly (readonly [name: string, run: typeof inJavaScript, lines: () => string])[] = [
    [
      'JavaScript',
      inJavaScript,
      () =>
        `const a = http.request({ url: 'https://api.test:${port}/', body: 'x'.repeat(1e6) }); message.body = a.status + ' ' + a.text().length`,
    ],
    ...(java === undefined
      ? []
      : ([
          [
            'Groovy',
            inGroovy,
            () =>
              `def c = new URL('https://api.test:${port}/').openConnection(); c.doOutput = true; c.outputStream << 'x' * 1000000; c.responseCode + ' ' + c.inputStream.text.length()`,
          ],
        ] as const)),
  ]
  for (const [name, run, lines] of kinds) {
    it(`of ${name} are made where policy and keystore allow it`, async () => {
      assert.equal(await called(run, lines(), ['127.0.0.1'], [root]), '201 1000000')
    })
    it(`of ${name} are refused where no policy opens loopback`, async () => {
      await assert.rejects(called(run, lines(), [], [root]), { code: 'outbound.addressRefused' })
    })
    it(`of ${name} trust nobody but the keystore`, async () => {
      await assert.rejects(called(run, lines(), ['127.0.0.1'], []), {
        code: 'scripts.failed',
        message: /No secure connection/,
      })
    })
  }
})
