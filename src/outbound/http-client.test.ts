import assert from 'node:assert/strict'
import http from 'node:http'
import type https from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'

import { testRun } from '../../test/kit/step.ts'
import { createHttpClient } from './http-client.ts'

const request = (origin: string) => ({
  target: { origin, path: '/', query: '' },
  method: 'GET' as const,
  headers: [],
  body: null,
  connection: { trusted: undefined, keyPair: undefined, session: '' },
})

async function listening(server: http.Server | https.Server): Promise<AsyncDisposable & { readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('an answer larger than the limit is given up', async () => {
  await using server = await listening(http.createServer((_request, response) => void response.end('x'.repeat(2_000))))
  await using client = await createHttpClient({ timeout: 5_000, largestAnswer: 1_999 })
  const sent = client.send(request(`http://127.0.0.1:${server.port}`), testRun())
  await assert.rejects(sent, { code: 'http.answerTooLarge' })
})

test('connections are kept and used again', async () => {
  const sockets = new Set<unknown>()
  await using server = await listening(
    http.createServer((incoming, response) => {
      sockets.add(incoming.socket)
      response.end('ok')
    }),
  )
  await using client = await createHttpClient({ timeout: 5_000, largestAnswer: 100 })
  for (let i = 0; i < 20; i++) await client.send(request(`http://127.0.0.1:${server.port}`), testRun())
  // The next call may begin a moment before the connection of the last one is free again.
  assert.ok(sockets.size <= 2, `${sockets.size} connections`)
})

test('informational answers are skipped', async () => {
  await using server = await listening(
    http.createServer((_request, response) => {
      response.writeProcessing()
      response.end('final')
    }),
  )
  await using client = await createHttpClient({ timeout: 5_000, largestAnswer: 100 })
  const answer = await client.send(request(`http://127.0.0.1:${server.port}`), testRun())
  assert.deepEqual([answer.status, answer.body.toString()], [200, 'final'])
})

test('a server that speaks no TLS is not talked to over HTTPS', async () => {
  await using server = await listening(http.createServer((_request, response) => void response.end()))
  await using client = await createHttpClient({ timeout: 5_000, largestAnswer: 100 })
  await assert.rejects(client.send(request(`https://127.0.0.1:${server.port}`), testRun()), { code: 'http.tls' })
})
