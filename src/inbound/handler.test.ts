import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { Readable } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from 'node:tls'

import { echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import type { HttpRequest, HttpResponse } from '../flow/index.ts'
import { Body } from '../message/index.ts'

let door: FrontDoor
let auth = ''

before(async () => {
  door = await openFrontDoor({ body: { memory: 10_000, idle: 200 } })
  auth = (await door.secretKey()).auth
})
after(() => door.close())
beforeEach(() => {
  door.refusals.length = 0
  door.routes.swap('Echo', [echo()])
})

const empty: HttpResponse = { status: 204, headers: [], body: Body.empty }
const serve = (handle: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>, given = {}) =>
  door.routes.swap('Echo', [echo({ handle, ...given })])
const codes = () => door.refusals.map(({ code }) => code)
const dribble = (chunks: readonly Buffer[]) => Readable.from(chunks)

describe('a body', () => {
  for (const size of [0, 1, 9_999, 10_000, 10_001, 3_000_000])
    for (const chunked of [false, true])
      it(`of ${size} bytes${chunked ? ' in chunks' : ''} comes in and goes out whole, and leaves no file`, async () => {
        const bytes = randomBytes(Math.ceil(size / 2))
          .toString('hex')
          .slice(0, size)
        let inFile: boolean | undefined
        serve(({ body }) => ((inFile = body.spooled !== undefined), { status: 200, headers: [], body }))
        const answer = await door.call('/http/echo', {
          method: 'POST',
          auth,
          body: chunked ? dribble([Buffer.from(bytes)]) : bytes,
          headers: chunked ? { 'Transfer-Encoding': 'chunked' } : {},
        })
        assert.equal(answer.status, 200)
        assert.equal(answer.text === bytes, true)
        assert.equal(answer.headers['content-length'], String(size))
        assert.equal(inFile, size > 10_000)
        await door.until(async () => (await door.spooled()).length === 0)
        assert.deepEqual(await door.spooled(), [])
      })

  for (const size of [256, 40_000])
    it(`of ${size} bytes of all values comes back as it was`, async () => {
      const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 256))
      serve(({ body }) => ({ status: 200, headers: [['X-Text', 'Mü']], body }))
      const answer = await door.call('/http/echo', { method: 'POST', auth, body: bytes })
      assert.deepEqual(answer.bytes, bytes)
      assert.equal(answer.headers['x-text'], 'Mü')
    })

  it('keeps the character set of its Content-Type', async () => {
    let text = ''
    serve(({ body }) => ((text = body.text()), empty))
    await door.call('/http/echo', {
      method: 'POST',
      auth,
      body: Buffer.from([0x4d, 0xfc]),
      headers: { 'Content-Type': 'text/plain; charset="ISO-8859-1"' },
    })
    assert.equal(text, 'Mü')
  })

  it('is read again by a flow that takes its time, until the flow has ended', async () => {
    serve(async ({ body }) => {
      await wait(50)
      return { status: 200, headers: [], body: Body.ofText(String(body.bytes().length)) }
    })
    assert.equal((await door.call('/http/echo', { method: 'POST', auth, body: Buffer.alloc(50_000) })).text, '50000')
  })

  it('that announces too much is refused unread', async () => {
    serve(() => assert.fail('the flow ran'), { maxBodySize: 1000 })
    const answer = await door.call('/http/echo', { method: 'POST', auth, body: Buffer.alloc(1001) })
    assert.deepEqual([answer.status, codes()], [413, ['size.bodyTooLarge']])
  })

  for (const [name, most] of [
    ['in memory', 5000],
    ['in the spool', 50_000],
  ] as const)
    it(`that grows too large ${name} is refused while it comes, and the client gets to read why`, async () => {
      serve(() => assert.fail('the flow ran'), { maxBodySize: most })
      const chunks = Array.from({ length: 100 }, () => Buffer.alloc(10_000))
      const answer = await door.call('/http/echo', { method: 'POST', auth, body: dribble(chunks) })
      assert.deepEqual([answer.status, codes()], [413, ['size.bodyTooLarge']])
      await door.until(async () => (await door.spooled()).length === 0)
      assert.deepEqual(await door.spooled(), [])
    })

  const opened = (size: number, first: Buffer) => {
    const sent = request({
      port: door.port,
      path: '/http/echo',
      method: 'POST',
      auth,
      ca: door.ca.certificate,
      agent: false,
      headers: { 'Content-Length': size },
    })
    sent.on('error', () => undefined)
    sent.write(first)
    return sent
  }

  for (const size of [100, 50_000])
    it(`of ${size} bytes that stalls is refused`, async () => {
      serve(() => assert.fail('the flow ran'))
      const [response] = (await once(opened(size, Buffer.alloc(size - 1)), 'response')) as [
        { statusCode: number; resume: () => void },
      ]
      response.resume()
      assert.deepEqual([response.statusCode, codes()], [408, ['transfer.stalled']])
      await door.until(async () => (await door.spooled()).length === 0)
      assert.deepEqual(await door.spooled(), [])
    })

  for (const size of [100, 50_000])
    it(`of ${size} bytes that breaks off leaves a record and no file`, async () => {
      serve(() => assert.fail('the flow ran'))
      const sent = opened(size, Buffer.alloc(size - 1))
      await wait(50)
      sent.destroy()
      await door.until(() => door.refusals.length > 0)
      assert.deepEqual(codes(), ['transfer.aborted'])
      await door.until(async () => (await door.spooled()).length === 0)
      assert.deepEqual(await door.spooled(), [])
    })
})

describe('a client that waits for leave', () => {
  const ask = (credential: string) => {
    const sent = request({
      port: door.port,
      path: '/http/echo',
      method: 'POST',
      ca: door.ca.certificate,
      agent: false,
      auth: credential,
      headers: { Expect: '100-continue', 'Content-Length': 5 },
    })
    sent.flushHeaders()
    return sent
  }

  it('gets it after the checks', async () => {
    const sent = ask(auth)
    await once(sent, 'continue')
    sent.end('hello')
    const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }]
    assert.equal(response.statusCode, 200)
    for await (const chunk of response) assert.equal(String(chunk), 'hello')
  })

  it('does not get it when it is refused, and the connection ends', async () => {
    const sent = ask('x:y')
    let leave = false
    sent.on('continue', () => (leave = true))
    sent.on('error', () => undefined)
    const [response] = (await once(sent, 'response')) as [
      { statusCode: number; headers: Record<string, string>; resume: () => void },
    ]
    response.resume()
    assert.deepEqual([response.statusCode, leave, response.headers['connection']], [401, false, 'close'])
    sent.destroy()
  })
})

describe('an answer', () => {
  it('carries the message id, that of the request', async () => {
    let id = ''
    serve(({ messageId }) => ((id = messageId), { ...empty, headers: [['SAP_MessageProcessingLogID', 'forged']] }))
    const answer = await door.call('/http/echo', { auth })
    assert.match(id, /^[\w-]{28}$/)
    assert.equal(answer.headers['sap_messageprocessinglogid'], id)
  })

  it('to HEAD has the length and no body', async () => {
    serve(() => ({ status: 200, headers: [], body: Body.ofText('four') }))
    const answer = await door.call('/http/echo', { auth, method: 'HEAD' })
    assert.deepEqual([answer.status, answer.headers['content-length'], answer.text], [200, '4', ''])
  })

  it('with status 204 has neither', async () => {
    serve(() => ({ ...empty, body: Body.ofText('x') }))
    const answer = await door.call('/http/echo', { auth })
    assert.deepEqual([answer.status, answer.headers['content-length'], answer.text], [204, undefined, ''])
  })

  it('writes headers so that no value begins another, and leaves out what is no header', async () => {
    serve(() => ({
      status: 200,
      headers: [
        ['X-Lines', 'a\r\nX-Injected: b'],
        ['X-Unicode', 'a–b'],
        ['not a token', 'x'],
        ['Content-Length', '999'],
        ['Transfer-Encoding', 'chunked'],
        ['Connection', 'close'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      body: Body.ofText('x'),
    }))
    const { headers } = await door.call('/http/echo', { auth, agent: door.keepAlive() })
    assert.equal(headers['x-lines'], 'a  X-Injected: b')
    assert.equal(headers['x-injected'], undefined)
    assert.equal(Buffer.from(String(headers['x-unicode']), 'latin1').toString(), 'a  b'.replace('  ', '–'))
    assert.deepEqual(
      [headers['content-length'], headers.connection, headers['set-cookie']],
      ['1', 'keep-alive', ['a=1', 'b=2']],
    )
  })

  for (const [name, handle] of [
    [
      'throws',
      () => {
        throw new Error('password=hunter2')
      },
    ],
    ['rejects', () => Promise.reject(new Error('password=hunter2'))],
    ['answers with an impossible status', () => ({ ...empty, status: 1000 })],
  ] as const)
    it(`is a 500 with the message id when the route ${name}`, async () => {
      serve(handle)
      const answer = await door.call('/http/echo', { auth })
      assert.equal(answer.status, 500)
      assert.ok(answer.text.includes(String(answer.headers['sap_messageprocessinglogid'])))
      assert.doesNotMatch(answer.text, /hunter2/)
    })

  it('of each pipelined request comes in order', async () => {
    serve(
      async ({ rest }) => {
        await wait(rest === 'a' ? 40 : 1)
        return { status: 200, headers: [], body: Body.ofText(`<${rest}>`) }
      },
      { address: '/echo/*' },
    )
    const socket = connect({ port: door.port, host: '127.0.0.1', ca: door.ca.certificate })
    let text = ''
    socket.on('data', (chunk) => (text += String(chunk)))
    const credential = Buffer.from(auth).toString('base64')
    for (const path of ['a', 'b'])
      socket.write(`GET /http/echo/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${credential}\r\n\r\n`)
    await door.until(() => text.includes('<b>'))
    assert.match(text, /<a>[^]*<b>/)
    socket.destroy()
  })
})

describe('the request of a route', () => {
  it('tells method, path, query, URL and who calls', async () => {
    let seen: HttpRequest | undefined
    serve((request) => ((seen = request), empty), { address: '/Orders/*' })
    await door.call('/HTTP/orders/4711/Items?a=1&b=%20', {
      auth,
      method: 'PATCH',
      servername: 'localhost',
      headers: { Host: 'sluice.example' },
    })
    assert.deepEqual(
      [seen?.method, seen?.rest, seen?.query, seen?.url, seen?.principal.name, seen?.principal.method],
      [
        'PATCH',
        '4711/Items',
        'a=1&b=%20',
        'https://sluice.example/HTTP/orders/4711/Items',
        auth.split(':', 1)[0],
        'basic',
      ],
    )
  })

  for (const early of [true, false])
    it(`has a signal that is aborted when the caller goes, asked for ${early ? 'before' : 'after'}`, async () => {
      let seen: HttpRequest | undefined
      let signal: AbortSignal | undefined
      serve((request) => {
        seen = request
        if (early) signal = request.signal
        return new Promise(() => undefined)
      })
      const sent = request({ port: door.port, path: '/http/echo', auth, ca: door.ca.certificate, agent: false })
      sent.on('error', () => undefined)
      sent.end()
      await door.until(() => seen !== undefined)
      assert.notEqual(signal?.aborted, true)
      sent.destroy()
      await wait(50)
      assert.equal((signal ?? seen?.signal)?.aborted, true)
    })

  it('has a signal that stays quiet when the answer was sent', async () => {
    let signal: AbortSignal | undefined
    serve((request) => ((signal = request.signal), empty))
    await door.call('/http/echo', { auth })
    await wait(20)
    assert.equal(signal?.aborted, false)
  })
})

describe('CSRF protection', () => {
  it('gives a token without running the flow, and lets a write through with token and cookie only', async () => {
    let runs = 0
    serve(() => (runs++, empty), { csrfProtected: true })
    for (const method of ['GET', 'HEAD']) {
      const fetched = await door.call('/http/echo', { auth, method, headers: { 'X-CSRF-Token': 'Fetch' } })
      assert.deepEqual([fetched.status, runs], [200, 0])
      const token = String(fetched.headers['x-csrf-token'])
      const Cookie = String(fetched.headers['set-cookie']).split(';', 1)[0] ?? ''
      for (const [headers, status] of [
        [{ Cookie, 'X-CSRF-Token': token }, 204],
        [{ 'X-CSRF-Token': token }, 403],
        [{ Cookie }, 403],
      ] as const)
        assert.equal((await door.call('/http/echo', { auth, method: 'PUT', headers })).status, status)
      assert.equal(runs, 1)
      runs = 0
    }
    const refused = await door.call('/http/echo', { auth, method: 'DELETE' })
    assert.deepEqual([refused.status, refused.headers['x-csrf-token']], [403, 'required'])
  })

  it('does not hand out tokens to whoever may not call', async () => {
    serve(() => empty, { csrfProtected: true })
    const answer = await door.call('/http/echo', { headers: { 'X-CSRF-Token': 'fetch' } })
    assert.deepEqual([answer.status, answer.headers['x-csrf-token']], [401, undefined])
  })

  it('a read without the wish for a token runs the flow', async () => {
    serve(() => empty, { csrfProtected: true })
    assert.equal((await door.call('/http/echo', { auth })).status, 204)
  })
})

describe('browsers of other origins', () => {
  const cors = {
    origins: ['https://a.example'],
    methods: ['GET', 'PUT'],
    headers: ['X-A'],
    exposed: ['X-B'],
    maxAge: 60,
    credentials: true,
  }
  const preflight = (Origin: string) =>
    door.call('/http/echo', { method: 'OPTIONS', headers: { Origin, 'Access-Control-Request-Method': 'PUT' } })

  it('get an answer to their question without a credential, when the flow allows them', async () => {
    serve(() => assert.fail('the flow ran'), { cors })
    const { status, headers } = await preflight('https://a.example')
    assert.equal(status, 204)
    assert.deepEqual(
      ['origin', 'methods', 'headers', 'credentials'].map((name) => headers[`access-control-allow-${name}`]),
      ['https://a.example', 'GET, PUT', 'X-A', 'true'],
    )
    assert.equal(headers['access-control-max-age'], '60')
    assert.deepEqual([(await preflight('https://b.example')).status, codes()], [403, ['cors.originForbidden']])
  })

  it('may read the answer of the call', async () => {
    serve(() => ({ ...empty, headers: [['access-control-allow-origin', '*']] }), { cors })
    const { headers } = await door.call('/http/echo', { auth, headers: { Origin: 'https://a.example' } })
    assert.deepEqual(
      [headers['access-control-allow-origin'], headers['access-control-expose-headers'], headers['vary']],
      ['https://a.example', 'X-B', 'Origin'],
    )
    assert.equal((await door.call('/http/echo', { headers: { Origin: 'https://a.example' } })).status, 401)
  })

  it('are unknown callers where the flow has no such settings', async () => {
    assert.equal((await preflight('https://a.example')).status, 401)
  })

  it('a wildcard does not go with credentials', async () => {
    serve(() => empty, { cors: { ...cors, origins: ['*'] } })
    assert.equal((await preflight('https://a.example')).status, 403)
    serve(() => empty, { cors: { ...cors, origins: ['*'], credentials: false } })
    assert.equal((await preflight('https://a.example')).headers['access-control-allow-origin'], '*')
  })
})
