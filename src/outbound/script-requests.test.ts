import assert from 'node:assert/strict'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { services, testRun } from '../../test/kit/step.ts'
import { Fault, silentLog, systemClock } from '../base/index.ts'
import { createReach } from '../connectivity/reach.ts'
import type { Run, ScriptRequest, ScriptResponse } from '../flow/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../keystore/index.ts'
import { createScriptRequests, type ScriptRequests } from './script-requests.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

const megabyte = 1_048_576
const capabilityMissing = new Fault({ code: 'runtime.capabilityMissing', kind: 'denied', message: 'not', remedy: '' })

describe('requests of scripts', () => {
  /** What names mean; what is not in it is looked up by nobody. */
  const names = new Map<string, readonly string[]>()
  const lookups: string[] = []
  const reached: string[] = []
  const refused: string[] = []
  let asked: { readonly port: number; readonly request: IncomingMessage; readonly body: Buffer }[] = []
  let answer: Answer
  let networks: readonly string[] = []
  let servers: readonly (http.Server | https.Server)[]
  let ports: readonly [tls: number, plain: number, unknown: number]
  let trusted: readonly string[] = []
  let made: ScriptRequests

  before(async () => {
    const issued = await createBuiltInCa({ clock: systemClock, name: 'Servers' })
    const other = await createBuiltInCa({ clock: systemClock, name: 'Somebody' })
    const certificateOf = async (root: typeof issued) => {
      const ca = openBuiltInCa({ certificate: root.chain, key: root.key, clock: systemClock })
      const { chain, key } = await ca.issueServer({ hostNames: ['api.test'] })
      return { cert: chain, key }
    }
    trusted = [issued.chain]
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        asked.push({ port: (request.socket.address() as AddressInfo).port, request, body })
        answer(request, response, body)
      })
    }
    servers = [
      https.createServer(await certificateOf(issued), handle),
      http.createServer(handle),
      https.createServer(await certificateOf(other), handle),
    ]
    const opened = await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve) =>
            server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
          ),
      ),
    )
    ports = opened as unknown as typeof ports
    made = createScriptRequests({
      async resolve(host) {
        lookups.push(host)
        const found = names.get(host)
        if (found === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
        return found
      },
      mayReach(address, port) {
        reached.push(address)
        return createReach({ allowed: networks, privateToo: true })(address, port)
      },
      log: silentLog,
      refused: (host, why) => void refused.push(`${host}: ${why}`),
    })
  })
  after(async () => {
    await made[Symbol.asyncDispose]()
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })
  beforeEach(() => {
    names.clear()
    names.set('api.test', ['127.0.0.1'])
    networks = ['127.0.0.0/8']
    for (const list of [lookups, reached, refused]) list.splice(0)
    asked = []
    answer = (_request, response) => response.end('answered')
  })

  interface Told {
    readonly properties: string[]
    readonly cleanups: (() => void | Promise<void>)[]
  }
  function runOf(may: readonly string[] | undefined, given: Partial<Run> = {}): Run & Told {
    const told: Told = { properties: [], cleanups: [] }
    const property = (name: string, value: string): void => void told.properties.push(`${name}: ${value}`)
    const permit = ({ kind, name }: { readonly kind: string; readonly name: string }): void => {
      if (may !== undefined && !may.includes(`${kind} ${name}`)) throw capabilityMissing
    }
    const run = testRun({
      messageId: `m${Math.random()}`,
      log: { active: true, property, customHeader() {}, attach() {} },
      services: services({
        permits: { permit },
        outbound: { trustedServers: async () => trustedServers },
      }),
      cleanups: told.cleanups,
      ...given,
    })
    return Object.assign(run, told)
  }
  const trustedServers = {
    id: 'trusted',
    get certificates() {
      return trusted
    },
  }
  const call = (url: string, run = runOf(undefined), given: Partial<ScriptRequest> = {}): Promise<ScriptResponse> =>
    made.request(
      {
        method: 'GET',
        url,
        headers: [],
        body: undefined,
        followRedirects: true,
        connectTimeout: 0,
        readTimeout: 0,
        ...given,
      },
      run,
    )
  const tls = (path = '/'): string => `https://api.test:${ports[0]}${path}`
  const plain = (path = '/'): string => `http://api.test:${ports[1]}${path}`
  const redirect =
    (to: () => string, status = 302): Answer =>
    (request, response) =>
      request.url === '/to' ? response.end('there') : response.writeHead(status, { location: to() }).end()

  it('go to the host of the manifest, with TLS as the keystore trusts', async () => {
    answer = (_request, response) => response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'] }).end('made')
    const run = runOf([`host api.test:${ports[0]}`])
    const response = await call(tls('/path?q=1'), run, {
      method: 'POST',
      headers: ['X-One', '1', 'Host', 'elsewhere', 'Connection', 'close', 'Content-Length', '1'],
      body: Buffer.from('sent'),
    })
    const { status, statusText, headers, body, url } = response
    assert.deepEqual([status, statusText, body.toString(), url], [201, 'Created', 'made', tls('/path?q=1')])
    assert.deepEqual(headers.slice(0, 4), ['set-cookie', 'a=1', 'set-cookie', 'b=2'])
    const [got] = asked
    assert.deepEqual([got?.request.method, got?.request.url, got?.body.toString()], ['POST', '/path?q=1', 'sent'])
    assert.equal(got?.request.headers['x-one'], '1')
    assert.equal(got?.request.headers.host, `api.test:${ports[0]}`)
    assert.match(run.properties.join(), new RegExp(`^ScriptRequest: POST api.test:${ports[0]} 201, \\d+ ms$`))
  })

  it('to a host that is not in the manifest are refused before it is looked up', async () => {
    const run = runOf([`host other.test:443`])
    await assert.rejects(call(tls(), run), { code: 'runtime.capabilityMissing' })
    assert.deepEqual([lookups, asked], [[], []])
  })

  it('to loopback are refused where no policy opens it', async () => {
    networks = []
    const refusal = { code: 'outbound.addressRefused', kind: 'denied', message: /loopback/ }
    await assert.rejects(call(tls()), refusal)
    // One address of many is enough.
    names.set('api.test', ['203.0.114.1', '127.0.0.1'])
    await assert.rejects(call(tls()), refusal)
    assert.deepEqual(asked, [])
    assert.match(refused[0] ?? '', /^api\.test:\d+: .*loopback/)
  })

  for (const host of [
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
  ])
    it(`to loopback written as ${host} are refused`, async () => {
      networks = []
      await assert.rejects(call(`http://${host}:${ports[1]}/`), {
        code: 'outbound.addressRefused',
        message: /loopback/,
      })
      assert.deepEqual(asked, [])
    })

  it('to where clouds keep credentials are refused, even where the network is open', async () => {
    networks = ['0.0.0.0/0']
    for (const address of ['169.254.169.254', '100.100.100.200']) {
      names.set('meta.test', [address])
      await assert.rejects(call('http://meta.test/latest'), { code: 'outbound.addressRefused', message: /credentials/ })
    }
  })

  it('connect to the address that was looked up and judged, once a request', async () => {
    await call(plain())
    assert.deepEqual([lookups, reached], [['api.test'], ['127.0.0.1']])
    // The name means something else now: the connection that is still open is not used.
    names.set('api.test', ['169.254.169.254'])
    await assert.rejects(call(plain()), { code: 'outbound.addressRefused' })
    names.set('api.test', ['127.0.0.2'])
    await assert.rejects(call(plain()), { code: 'http.unreachable' })
    assert.equal(asked.length, 1)
  })

  it('to a name that nobody knows say so', async () => {
    await assert.rejects(call('http://nobody.test/'), { code: 'http.unreachable', message: /not known/ })
  })

  describe('that are redirected', () => {
    it('go on where each hop is allowed', async () => {
      answer = redirect(() => '/to')
      const { body, url } = await call(tls('/from'))
      assert.deepEqual([body.toString(), url], ['there', tls('/to')])
      assert.equal((await call(tls('/from'), undefined, { followRedirects: false })).status, 302)
    })
    it('to metadata are refused', async () => {
      answer = redirect(() => 'http://169.254.169.254/latest/meta-data/')
      await assert.rejects(call(plain()), { code: 'outbound.addressRefused' })
    })
    it('to a host outside of the manifest are refused', async () => {
      names.set('other.test', ['127.0.0.1'])
      answer = redirect(() => `http://other.test:${ports[1]}/to`)
      await assert.rejects(call(plain(), runOf([`host api.test:${ports[1]}`])), { code: 'runtime.capabilityMissing' })
      assert.equal(asked.length, 1)
    })
    it('to another protocol are not followed', async () => {
      answer = redirect(() => tls('/to'))
      assert.equal((await call(plain())).status, 302)
    })
    it('leave behind who calls, and what was lent, at another host only', async () => {
      names.set('other.test', ['127.0.0.1'])
      const run = runOf(undefined)
      run.lent.add({ alias: 'key', user: '', values: ['lent-s3cret-value'] })
      const headers = ['Authorization', 'Basic x', 'Cookie', 'a=b', 'X-Key', 'lent-s3cret-value', 'X-Plain', 'p']
      const seen = () => {
        const { authorization, cookie, 'x-key': key, 'x-plain': own } = asked.at(-1)?.request.headers ?? {}
        return [authorization, cookie, key, own]
      }
      answer = redirect(() => '/to')
      await call(plain('/from'), run, { headers })
      assert.deepEqual(seen(), ['Basic x', 'a=b', 'lent-s3cret-value', 'p'])
      answer = redirect(() => `http://other.test:${ports[1]}/to`)
      await call(plain('/from'), run, { headers })
      assert.deepEqual(seen(), [undefined, undefined, undefined, 'p'])
    })
    for (const [status, method, expected] of [
      [302, 'POST', 'GET '],
      [303, 'PUT', 'GET '],
      [307, 'POST', 'POST sent'],
      [308, 'PUT', 'PUT sent'],
    ] as const)
      it(`with ${status} ${method} becomes ${expected}`, async () => {
        answer = redirect(() => '/to', status)
        await call(plain('/from'), undefined, { method, body: Buffer.from('sent') })
        const last = asked.at(-1)
        assert.equal(`${last?.request.method} ${last?.body.toString()}`, expected)
      })
    it('without end are given up', async () => {
      answer = redirect(() => '/again')
      await assert.rejects(call(plain()), { code: 'outbound.redirectsExhausted' })
      assert.equal(asked.length, 21)
    })
  })

  it('take a large answer up to the limit, and send as much', async () => {
    answer = (_request, response, body) => response.end(Buffer.alloc(body.length))
    const { body } = await call(tls(), undefined, { method: 'POST', body: Buffer.alloc(16 * megabyte) })
    assert.equal(body.length, 16 * megabyte)
    answer = (_request, response) => response.end(Buffer.alloc(16 * megabyte + 1))
    await assert.rejects(call(tls()), { code: 'http.answerTooLarge' })
    const sent = call(tls(), undefined, { method: 'POST', body: Buffer.alloc(16 * megabyte + 1) })
    await assert.rejects(sent, { code: 'outbound.scriptRequestTooLarge' })
  })

  it('wait no longer than the script says, its message has, or lives', async () => {
    answer = () => {}
    await assert.rejects(call(plain(), undefined, { readTimeout: 50 }), { code: 'http.timeout' })
    await assert.rejects(call(plain(), runOf(undefined, { deadline: Date.now() + 50 })), { code: 'http.timeout' })
    const reason = new Error('the caller has gone')
    const gone = runOf(undefined, { signal: AbortSignal.timeout(0) })
    await assert.rejects(call(plain(), gone), { name: 'TimeoutError' })
    const stopping = new AbortController()
    const stopped = call(plain(), runOf(undefined, { signal: stopping.signal }))
    await sleep(20)
    stopping.abort(reason)
    await assert.rejects(stopped, reason)
    const ended = runOf(undefined)
    const left = call(plain(), ended)
    await sleep(20)
    for (const cleanup of ended.cleanups) await cleanup()
    await assert.rejects(left, /message has ended/)
  })

  it('drip no longer than the message has', async () => {
    answer = (_request, response) => {
      const drip = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(drip))
    }
    const started = Date.now()
    await assert.rejects(call(plain(), runOf(undefined, { deadline: started + 300 }), { readTimeout: 5_000 }), {
      code: 'http.timeout',
    })
    assert.ok(Date.now() - started < 3_000)
  })

  it('are four of one message at a time', async () => {
    const waiting: ServerResponse[] = []
    answer = (_request, response) => void waiting.push(response)
    const run = runOf(undefined)
    const four = [1, 2, 3, 4].map(() => call(plain(), run))
    await assert.rejects(call(plain(), run), { code: 'outbound.scriptRequestsExhausted' })
    for (let tries = 0; waiting.length < 4 && tries < 400; tries += 1) await sleep(5)
    assert.equal(waiting.length, 4)
    for (const response of waiting) response.end()
    await Promise.all(four)
    answer = (_request, response) => response.end()
    await call(plain(), run)
  })

  it('trust no certificate that the keystore does not vouch for, or that is of another host', async () => {
    await assert.rejects(call(`https://api.test:${ports[2]}/`), { code: 'http.tls' })
    names.set('other.test', ['127.0.0.1'])
    await assert.rejects(call(`https://other.test:${ports[0]}/`), { code: 'http.tls' })
    assert.deepEqual(asked, [])
  })

  for (const [what, given] of [
    ['file URLs', { url: 'file:///etc/passwd' }],
    ['ftp', { url: 'ftp://api.test/' }],
    ['what is no URL', { url: 'api.test' }],
    ['CONNECT', { method: 'CONNECT' }],
    ['line breaks in the method', { method: 'GET / HTTP/1.1\r\nX: y' }],
  ] as const)
    it(`are not made for ${what}`, async () => {
      await assert.rejects(call(plain(), undefined, given), { code: 'outbound.scriptRequestInvalid' })
    })
  it('are not made with line breaks in a header', async () => {
    await assert.rejects(call(plain(), undefined, { headers: ['X-A', 'b\r\nX-C: d'] }), { code: 'http.requestInvalid' })
    assert.deepEqual(asked, [])
  })

  it('do not go to the proxy that the environment names', async () => {
    const before = { ...process.env }
    for (const name of ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'])
      process.env[name] = name.startsWith('NODE') ? '1' : 'http://127.0.0.1:9'
    try {
      names.set('fresh.test', ['127.0.0.1'])
      assert.equal((await call(`http://fresh.test:${ports[1]}/`)).status, 200)
    } finally {
      process.env = before
    }
  })
})
