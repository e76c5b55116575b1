import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'

import { contextWith, plainServer, runTest, testAuthority, tlsServer } from '../../../test/kit/connectivity.ts'

const ca = await testAuthority()
const { chain: cert, key } = await ca.server()
const password = 'kafka-geheim'
const context = contextWith({
  trusted: () => Promise.resolve([ca.anchor]),
  userCredential: () => Promise.resolve({ user: 'anna', password }),
})

/** `sasl-mechanisms` with an array of two symbols (AMQP 1.0, part 1.6.24 and 5.3.3.1). */
const symbols = ['PLAIN', 'ANONYMOUS'].map((name) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]))
const list = Buffer.concat([Buffer.from([0xe0, 1 + 1 + 16, 2, 0xa3]), ...symbols])
const body = Buffer.concat([Buffer.from([0, 0x53, 0x40, 0xc0, list.length + 1, 1]), list])
const frame = Buffer.concat([Buffer.from([0, 0, 0, body.length + 8, 2, 1, 0, 0]), body])
const header = (...version: number[]): Buffer => Buffer.concat([Buffer.from('AMQP'), Buffer.from(version)])

describe('the AMQP test', () => {
  const broker =
    (...answers: readonly Buffer[]) =>
    (socket: Socket) =>
      void socket.once('data', (asked) => {
        assert.deepEqual(asked, header(3, 1, 0, 0))
        for (const answer of answers) socket.write(answer)
      })

  it('agrees on 1.0 over TLS and shows the mechanisms', async () => {
    await using server = await tlsServer({ cert, key }, broker(header(3, 1, 0, 0), frame))
    const result = await runTest('amqp', { host: 'localhost', port: `${server.port}` }, context)
    assert.equal(result.problem, undefined)
    assert.deepEqual(result.facts['authenticationMethods'], ['PLAIN', 'ANONYMOUS'])
    assert.equal(result.facts['amqpVersion'], '1.0.0')
  })

  it('speaks through a WebSocket', async () => {
    await using server = await tlsServer({ cert, key }, (socket) => {
      socket.once('data', (request) => {
        const wanted = /Sec-WebSocket-Key: (.*)\r\n/.exec(request.toString())?.[1] ?? ''
        assert.match(request.toString(), /^GET \/amqp HTTP\/1\.1\r\nHost: localhost:\d+\r\n/)
        const accept = createHash('sha1').update(`${wanted}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
        socket.write(
          `HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: amqp\r\n\r\n`,
        )
        socket.once('data', (asked: Buffer) => {
          const mask = asked.subarray(2, 6)
          const content = asked.subarray(6).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
          assert.deepEqual(Buffer.from(content), header(3, 1, 0, 0))
          const answer = Buffer.concat([header(3, 1, 0, 0), frame])
          socket.write(Buffer.concat([Buffer.from([0x89, 0, 0x82, answer.length]), answer]))
        })
      })
    })
    const inputs = { host: 'localhost', port: `${server.port}`, transportProtocol: 'webSocket', path: '/amqp' }
    const result = await runTest('amqp', inputs, context)
    assert.equal(result.problem, undefined)
    assert.deepEqual(result.facts['authenticationMethods'], ['PLAIN', 'ANONYMOUS'])
  })

  it('names a broker of an older version, and a server of another protocol', async () => {
    const plain = { connectWithTls: 'false' }
    await using old = await plainServer(broker(header(0, 0, 9, 1)))
    const version = await runTest('amqp', { host: 'localhost', port: `${old.port}`, ...plain }, context)
    assert.equal(version.problem?.code, 'connectivity.amqpVersion')
    assert.match(version.problem.reason, /AMQP 0-9-1, not 1\.0/)
    await using web = await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'))
    const other = await runTest('amqp', { host: 'localhost', port: `${web.port}`, ...plain }, context)
    assert.equal(other.problem?.code, 'connectivity.protocolUnexpected')
    const socket = await runTest(
      'amqp',
      { host: 'localhost', port: `${web.port}`, ...plain, transportProtocol: 'webSocket' },
      context,
    )
    assert.equal(socket.problem?.code, 'connectivity.httpStatus')
  })

  it('is not misled by damaged frames', async () => {
    for (const damaged of [
      Buffer.from([0, 0, 0, 4]),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0, 0, 0, 12, 9, 1, 0, 0, 1, 2, 3, 4]),
    ]) {
      await using server = await plainServer(broker(header(3, 1, 0, 0), damaged))
      const result = await runTest(
        'amqp',
        { host: 'localhost', port: `${server.port}`, connectWithTls: 'false' },
        context,
      )
      assert.equal(result.problem?.code ?? 'none', damaged[3] === 12 ? 'none' : 'connectivity.protocolUnexpected')
    }
  })
})

const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff])
const int32 = (value: number): Buffer =>
  Buffer.from([value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff])
const text = (value: string): Buffer => Buffer.concat([int16(value.length), Buffer.from(value)])

/** A Kafka broker with as many topics as asked for; `mechanisms` are those it has. */
function kafkaBroker(topicCount: number, mechanisms: readonly string[] = ['PLAIN']) {
  const topic = (name: string): Buffer =>
    Buffer.concat([
      int16(0),
      text(name),
      Buffer.from([0]),
      int32(1),
      int16(0),
      int32(0),
      int32(1),
      int32(1),
      int32(1),
      int32(1),
      int32(1),
    ])
  const topics = Array.from({ length: topicCount }, (_, index) => topic(`t${String(index).padStart(3, '0')}`))
  const answers: Readonly<Record<number, (body: Buffer) => Buffer>> = {
    18: () => Buffer.concat([int16(0), int32(1), int16(3), int16(0), int16(9)]),
    17: (asked) =>
      Buffer.concat([
        int16(mechanisms.includes(asked.subarray(2).toString()) ? 0 : 33),
        int32(mechanisms.length),
        ...mechanisms.map(text),
      ]),
    36: (asked) =>
      asked.subarray(4).toString() === `\0anna\0${password}`
        ? Buffer.concat([int16(0), int16(-1), int32(0)])
        : Buffer.concat([int16(58), text('Authentication failed: bad user'), int32(0)]),
    3: () =>
      Buffer.concat([
        int32(0),
        int32(1),
        int32(1),
        text('internal.example'),
        int32(9092),
        int16(-1),
        text('cluster-1'),
        int32(1),
        int32(topicCount),
        ...topics,
      ]),
  }
  return (socket: Socket): void => {
    let kept = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk])
      while (kept.length >= 4 && kept.length >= kept.readInt32BE(0) + 4) {
        const request = kept.subarray(4, kept.readInt32BE(0) + 4)
        kept = kept.subarray(request.length + 4)
        const asked = request.subarray(10 + request.readInt16BE(8))
        const answer = answers[request.readInt16BE(0)]?.(asked) ?? Buffer.alloc(0)
        socket.write(Buffer.concat([int32(answer.length + 4), request.subarray(4, 8), answer]))
      }
    })
  }
}

describe('the Kafka test', () => {
  const logOn = { credentialName: 'x' }

  it('logs on and lists up to 200 topics', async () => {
    await using server = await tlsServer({ cert, key }, kafkaBroker(250))
    const result = await runTest('kafka', { host: 'localhost', port: `${server.port}`, ...logOn }, context)
    assert.equal(result.problem, undefined)
    assert.equal((result.facts['topics'] as string[]).length, 200)
    assert.deepEqual([result.facts['topicCount'], result.facts['clusterId']], [250, 'cluster-1'])
    assert.deepEqual(result.facts['brokers'], ['internal.example:9092'])
  })

  it('names a wrong password and a mechanism that the broker does not have', async () => {
    await using server = await tlsServer({ cert, key }, kafkaBroker(1, ['PLAIN', 'GSSAPI']))
    const inputs = { host: 'localhost', port: `${server.port}`, ...logOn }
    const wrong = { ...context, userCredential: () => Promise.resolve({ user: 'anna', password: 'falsch-falsch' }) }
    const refused = await runTest('kafka', inputs, wrong)
    assert.equal(refused.problem?.code, 'connectivity.authenticationRefused')
    assert.match(refused.problem.reason, /bad user/)
    const other = await runTest('kafka', { ...inputs, saslMechanism: 'SCRAM-SHA-256' }, context)
    assert.equal(other.problem?.code, 'connectivity.authenticationMethodMissing')
    assert.match(other.problem.reason, /offers PLAIN, GSSAPI/)
  })

  it('names a server that is no broker', async () => {
    await using server = await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const inputs = { host: 'localhost', port: `${server.port}`, authentication: 'none', connectWithTls: 'false' }
    assert.equal((await runTest('kafka', inputs, context)).problem?.code, 'connectivity.protocolUnexpected')
  })
})
