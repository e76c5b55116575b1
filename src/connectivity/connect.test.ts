import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'

import { contextWith, plainServer, runTest, testAuthority, tlsServer } from '../../test/kit/connectivity.ts'
import { createReach } from './reach.ts'

const dns = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

describe('reaching a server', () => {
  it('names a host that DNS does not know, and a DNS that fails', async () => {
    const unknown = await runTest('tls', { host: 'nowhere.example' }, contextWith({ resolve: dns('ENOTFOUND') }))
    assert.equal(unknown.problem?.code, 'connectivity.hostUnknown')
    assert.deepEqual(
      unknown.steps.map(({ name, ok }) => [name, ok]),
      [['resolve', false]],
    )
    const failed = await runTest('tls', { host: 'nowhere.example' }, contextWith({ resolve: dns('EAI_AGAIN') }))
    assert.equal(failed.problem?.code, 'connectivity.lookupFailed')
    assert.match(failed.problem.reason, /EAI_AGAIN/)
  })

  it('names a port at which nothing listens', async () => {
    const server = await plainServer(() => {})
    await server[Symbol.asyncDispose]()
    const result = await runTest('tls', { host: 'localhost', port: `${server.port}` })
    assert.equal(result.problem?.code, 'connectivity.connectionRefused')
    assert.deepEqual(
      result.steps.map(({ name, ok }) => [name, ok]),
      [
        ['resolve', true],
        ['connect', false],
      ],
    )
  })

  it('goes on with the next address of a host when the first refuses', async () => {
    const ca = await testAuthority()
    const { chain, key } = await ca.server()
    await using server = await tlsServer({ cert: chain, key })
    const context = contextWith({
      resolve: () => Promise.resolve(['127.0.0.2', '127.0.0.1']),
      trusted: () => Promise.resolve([ca.anchor]),
    })
    const result = await runTest('tls', { host: 'localhost', port: `${server.port}` }, context)
    assert.equal(result.facts['address'], '127.0.0.1')
    assert.equal(result.ok, true)
  })

  it('resolves once and never connects to an address that is not permitted', async () => {
    let connections = 0
    let lookups = 0
    await using server = await plainServer(() => connections++)
    const context = contextWith({
      mayReach: createReach({ allowed: [] }),
      // A name that is public when it is checked, and this machine afterwards.
      resolve: () => Promise.resolve(lookups++ === 0 ? ['127.0.0.1'] : ['8.8.8.8']),
    })
    for (const host of ['rebinding.example', '127.0.0.1', '::ffff:127.0.0.1', '::1', '0.0.0.0']) {
      const result = await runTest('tls', { host, port: `${server.port}` }, context)
      lookups = 0
      assert.equal(result.problem?.code, 'connectivity.addressNotPermitted', host)
      assert.match(result.problem.reason, /loopback/)
    }
    assert.equal(connections, 0)
  })

  it('leaves out those of several addresses that are not permitted', async () => {
    await using server = await plainServer((socket) => socket.destroy())
    const context = contextWith({
      mayReach: createReach({ allowed: ['127.0.0.1'] }),
      resolve: () => Promise.resolve(['127.0.0.2', '10.0.0.1', '127.0.0.1']),
    })
    const result = await runTest('tls', { host: 'mixed.example', port: `${server.port}` }, context)
    assert.equal(result.steps[0]?.detail, '127.0.0.1')
    assert.equal(result.problem?.code, 'connectivity.connectionBroken')
  })

  it('ends a step when its time is up, and closes the connection', async () => {
    const closed = Promise.withResolvers<void>()
    await using server = await plainServer(
      (socket: Socket) => void once(socket.resume(), 'close').then(() => closed.resolve()),
    )
    const result = await runTest('tls', { host: 'localhost', port: `${server.port}`, timeout: '200' })
    assert.equal(result.problem?.code, 'connectivity.timeout')
    assert.match(result.problem.reason, /within 200 ms \(step 'tls'\)/)
    await closed.promise
  })

  it('ends at once when it is cancelled, and when the whole test takes too long', async () => {
    await using server = await plainServer(() => {})
    const inputs = { host: 'localhost', port: `${server.port}`, timeout: '60000' }
    const cancelled = await runTest('tls', inputs, contextWith({ signal: AbortSignal.timeout(100) }))
    assert.equal(cancelled.problem?.code, 'connectivity.cancelled')
    const long = await runTest('tls', inputs, contextWith({ totalMillis: 100 }))
    assert.equal(long.problem?.code, 'connectivity.cancelled')
    const before = await runTest('tls', inputs, contextWith({ signal: AbortSignal.abort() }))
    assert.equal(before.problem?.code, 'connectivity.cancelled')
  })

  it('refuses a host that is an address with scheme, path or port', async () => {
    for (const host of ['https://example.com', 'example.com/path', 'example.com:443', 'user@example.com', ''])
      await assert.rejects(runTest('tls', { host }), /host/, host)
  })
})
