import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'

import { echo, type FrontDoor, newCa, openFrontDoor } from '../../test/kit/front-door.ts'
import { Body } from '../message/index.ts'

let door: FrontDoor
let auth = ''
let authorization = ''
let tls: { readonly cert: string; readonly key: string }

before(async () => {
  door = await openFrontDoor({ listener: { headers: 300, connections: 20 } })
  auth = (await door.secretKey()).auth
  authorization = `Authorization: Basic ${Buffer.from(auth).toString('base64')}`
  tls = (await door.certificateKey()).tls
})
after(() => door.close())
beforeEach(() => {
  door.refusals.length = 0
  door.routes.swap('Echo', [echo()])
})

async function dial(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port: door.port, host: '127.0.0.1', ca: door.ca.certificate, ...options })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

/** What comes back for bytes of one's own making, until the server closes or the text is there. */
async function raw(bytes: string, until: RegExp = /$^/): Promise<string> {
  const socket = await dial()
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (until.test(text)) socket.destroy()
  })
  socket.on('error', () => undefined)
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

describe('the handshake', () => {
  it('asks clients of any CA for their certificate, and the certificate identifies', async () => {
    const foreign = await (await newCa()).issueClient({ commonName: 'foreign', days: 1, keySize: 2048 })
    const { key, tls: own } = await door.certificateKey(foreign)
    const names: string[] = []
    door.routes.swap('Echo', [
      echo({ handle: ({ principal }) => (names.push(principal.name), { status: 204, headers: [], body: Body.empty }) }),
    ])
    for (const options of [own, { ...own, maxVersion: 'TLSv1.2' as const }])
      assert.equal((await door.call('/http/echo', options)).status, 204)
    assert.deepEqual(names, [key.clientId, key.clientId])
  })

  it('a resumed session is the same client', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await dial({ ...tls, maxVersion })
      const session = maxVersion === 'TLSv1.2' ? first.getSession() : ((await once(first, 'session')) as [Buffer])[0]
      first.destroy()
      const again = await dial({ ...tls, maxVersion, session: session as Buffer })
      assert.equal(again.isSessionReused(), true, maxVersion)
      again.write('GET /http/echo HTTP/1.1\r\nHost: x\r\n\r\n')
      assert.match(String((await once(again, 'data'))[0]), /^HTTP\/1.1 200 /)
      again.destroy()
    }
  })

  it('a session of a deleted key is refused when it is resumed', async () => {
    const { key, tls: own } = await door.certificateKey()
    const first = await dial(own)
    const [session] = (await once(first, 'session')) as [Buffer]
    first.destroy()
    await door.identity.keys.remove(key.id, 'test')
    const again = await dial({ ...own, session })
    again.write('GET /http/echo HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.match(String((await once(again, 'data'))[0]), /^HTTP\/1.1 401 /)
    again.destroy()
  })

  async function failing(attempt: () => void, code: string) {
    attempt()
    await door.until(() => door.refusals.length > 0)
    assert.deepEqual(
      door.refusals.map(({ stage, code, remoteAddress }) => ({ stage, code, remoteAddress })),
      [{ stage: 'tls', code, remoteAddress: '127.0.0.1' }],
    )
  }
  const opened = (options: ConnectionOptions) => () =>
    void connect({ port: door.port, ...options }).on('error', () => undefined)
  it('by plain HTTP leaves a record', () =>
    failing(
      () =>
        void connectPlain(door.port, '127.0.0.1')
          .on('error', () => undefined)
          .end('GET / HTTP/1.1\r\n\r\n'),
      'tls.plainHttp',
    ))
  it('by a client of Node that does not trust us, and goes without a word, leaves a record', () =>
    failing(opened({}), 'tls.aborted'))
  it('by an old client leaves a record', () =>
    failing(
      opened({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
      'tls.versionUnsupported',
    ))
  it('by a client without a common cipher leaves a record', () =>
    failing(opened({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }), 'tls.cipherUnsupported'))
  it('that is broken off leaves a record', () =>
    failing(() => {
      const socket = connectPlain(door.port, '127.0.0.1', () => socket.end(Buffer.from('16030100', 'hex')))
    }, 'tls.aborted'))
})

describe('a refused call', () => {
  it('gets a reference and nothing else; the record has it, with the reason', async () => {
    const answer = await door.call('/http/echo?secret=1', { auth: `sb-x!sluice:guess` })
    const [refusal] = door.refusals
    assert.deepEqual(
      [answer.status, JSON.parse(answer.text)],
      [401, { error: 'unauthorized', reference: refusal?.reference }],
    )
    assert.match(String(answer.headers['www-authenticate']), /^Basic realm=/)
    assert.deepEqual(
      { ...refusal, time: 0, reference: '', reason: '', remedy: '' },
      {
        reference: '',
        time: 0,
        remoteAddress: '127.0.0.1',
        certificate: undefined,
        method: 'GET',
        endpoint: '/http/echo',
        stage: 'identity',
        code: 'identity.secretWrong',
        reason: '',
        remedy: '',
        status: 401,
      },
    )
    assert.ok(!JSON.stringify(refusal).includes('guess'))
  })

  it('does not let a browser ask the person for a password', async () => {
    const answer = await door.call('/http/echo', { headers: { 'Sec-Fetch-Mode': 'navigate' } })
    assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer realm="Sluice"'])
  })

  it('names the certificate in its record', async () => {
    const unknown = await door.ca.issueClient({ commonName: 'unknown', days: 1, keySize: 2048 })
    const answer = await door.call('/http/echo', { cert: unknown.chain, key: unknown.key })
    assert.equal(answer.status, 401)
    assert.match(door.refusals[0]?.certificate?.subject ?? '', /^CN=unknown/)
  })

  it('has no body when it was a HEAD', async () => {
    const answer = await door.call('/http/echo', { method: 'HEAD' })
    assert.deepEqual([answer.status, answer.text], [401, ''])
  })

  it('on an open connection: a deleted key counts no more from the next request on', async () => {
    const { key, tls: own } = await door.certificateKey()
    const agent = door.keepAlive(own)
    const sockets = new Set<unknown>()
    agent.on('free', (socket) => sockets.add(socket))
    assert.equal((await door.call('/http/echo', { agent })).status, 200)
    await door.identity.keys.remove(key.id, 'test')
    assert.equal((await door.call('/http/echo', { agent })).status, 401)
    assert.equal(sockets.size, 1)
  })
})

describe('what is no HTTP', () => {
  for (const [name, bytes, status, code] of [
    ['nonsense', 'HELLO\r\n\r\n', 400, 'transfer.malformed'],
    [
      'two lengths',
      'POST /http/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
      'transfer.malformed',
    ],
    [
      'length and chunks',
      'POST /http/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'transfer.malformed',
    ],
    ['a blank before the colon', 'GET /http/echo HTTP/1.1\r\nHost: x\r\nCookie : x\r\n\r\n', 400, 'transfer.malformed'],
    [
      'headers that are too large',
      `GET /http/echo HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
      431,
      'transfer.headersTooLarge',
    ],
    ['headers that do not end', 'GET /http/echo HTTP/1.1\r\nHost: x\r\n', 408, 'transfer.timeout'],
  ] as const)
    it(`${name}: refused with ${status} and a record`, async () => {
      const text = await raw(bytes)
      assert.equal(text.slice(0, 12), `HTTP/1.1 ${status}`)
      assert.equal(door.refusals[0]?.code, code)
      assert.ok(text.includes(door.refusals[0]?.reference ?? 'none'))
    })

  it('a broken chunk is refused, and its message does not run', async () => {
    let ran = false
    door.routes.swap('Echo', [echo({ handle: () => ((ran = true), { status: 200, headers: [], body: Body.empty }) })])
    const text = await raw(
      `POST /http/echo HTTP/1.1\r\nHost: x\r\n${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nZZ\r\n`,
    )
    assert.match(text, /^HTTP\/1.1 400 /)
    assert.equal(ran, false)
    await wait(20)
    assert.deepEqual(
      door.refusals.map(({ code }) => code),
      ['transfer.malformed'],
    )
  })

  it('an expectation that nobody knows is refused', async () => {
    const text = await raw(`POST /http/echo HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n`)
    assert.match(text, /^HTTP\/1.1 417 /)
    assert.equal(door.refusals[0]?.code, 'transfer.expectationUnknown')
  })
})

describe('headers on the wire', () => {
  it('that never reach a flow do not, in any spelling', async () => {
    let seen: readonly (readonly [string, string])[] = []
    door.routes.swap('Echo', [
      echo({ handle: ({ headers }) => ((seen = headers), { status: 204, headers: [], body: Body.empty }) }),
    ])
    const lines = [
      'GET /http/echo HTTP/1.1',
      'Host: x',
      authorization,
      'PROXY-AUTHORIZATION: secret',
      'cOOkie: secret',
      'Cookie: secret',
      'SSL_CLIENT_CERT: secret',
      'Ssl-Client_Cert: secret',
      'Authorization_: secret-ish',
      'CamelHttpUri: secret',
      'SAP_MessageProcessingLogID: secret',
      'sapAuthenticatedUserName: secret',
      'X-Forwarded-For: secret',
      'X-Plain: one',
    ]
    await raw(`${lines.join('\r\n')}\r\n\r\n`, /\r\n\r\n/)
    const names = seen.map(([name]) => name)
    assert.deepEqual(names, ['Host', 'Authorization_', 'X-Plain', 'x-forwarded-for'])
    assert.deepEqual(new Map(seen).get('x-forwarded-for'), '127.0.0.1')
    assert.ok(!seen.some(([, value]) => value === 'secret'))
  })
})

describe('the server certificate', () => {
  it('is replaced while connections are open, which go on', async () => {
    const agent = door.keepAlive(tls)
    assert.equal((await door.call('/http/echo', { agent })).status, 200)
    const next = await door.ca.issueServer({ hostNames: ['next.example'] })
    const before = await dial()
    door.listener.setCertificate(next)
    const behind = await dial()
    assert.match(behind.getPeerX509Certificate()?.subject ?? '', /next\.example/)
    assert.match(before.getPeerX509Certificate()?.subject ?? '', /localhost/)
    assert.equal((await door.call('/http/echo', { agent })).status, 200)
    assert.equal(Object.values(agent.freeSockets).flat().length, 1)
    for (const socket of [before, behind]) socket.destroy()
  })

  it('stays when the next one is unusable', async () => {
    const [one, two] = [await door.ca.issueServer({ hostNames: [] }), await door.ca.issueServer({ hostNames: [] })]
    for (const wrong of [
      { chain: one.chain, key: two.key },
      { chain: 'x', key: one.key },
    ])
      assert.throws(() => door.listener.setCertificate(wrong), { code: 'inbound.certificateUnusable' })
    assert.equal((await door.call('/http/echo', tls)).status, 200)
  })
})

describe('closing', () => {
  it('lets calls in flight end, closes idle connections, and takes no new ones', async () => {
    const own = await openFrontDoor()
    const { auth } = await own.secretKey()
    let finish: (() => void) | undefined
    own.routes.swap('Slow', [
      echo({
        address: '/slow',
        handle: () =>
          new Promise((resolve) => (finish = () => resolve({ status: 200, headers: [], body: Body.ofText('done') }))),
      }),
      echo(),
    ])
    const idle = own.keepAlive()
    await own.call('/http/echo', { auth, agent: idle })
    const slow = own.call('/http/slow', { auth, agent: own.keepAlive() })
    await own.until(() => finish !== undefined)
    const closed = own.listener.close(5000)
    await wait(20)
    await assert.rejects(own.call('/http/echo', { auth }), { code: 'ECONNREFUSED' })
    assert.equal(Object.values(idle.freeSockets).flat().length, 0)
    finish?.()
    const answer = await slow
    assert.deepEqual([answer.status, answer.text, answer.headers.connection], [200, 'done', 'close'])
    await closed
    await own.close()
  })
})

it('connections beyond the limit are dropped, and recorded', async () => {
  const sockets = Array.from({ length: 25 }, () => connectPlain(door.port, '127.0.0.1').on('error', () => undefined))
  await door.until(() => door.refusals.some(({ code }) => code === 'limit.connections'))
  assert.ok(
    door.refusals.some(({ code, remoteAddress }) => code === 'limit.connections' && remoteAddress === '127.0.0.1'),
  )
  for (const socket of sockets) socket.destroy()
})
