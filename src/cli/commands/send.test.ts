import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'

import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

describe('send', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (argv: string[], input?: string) =>
    sluice(['send', ...argv], { folder: api.folder, ...(input !== undefined && { input }) })

  before(async () => {
    api = await serveManagementApi({})
    Object.assign(api.routes, {
      'GET ServiceEndpoints': {
        d: { results: [{ Name: 'Orders', EntryPoints: { results: [{ Url: `${api.url}/http/orders` }] } }] },
      },
      'POST /http/orders': { headers: { 'x-answer': 'yes' }, raw: 'thanks' },
      'GET /http/orders': { raw: 'got' },
      'PUT /http/orders': { status: 500, raw: 'it broke' },
    })
    writeFileSync(join(api.folder, 'body.xml'), '<a/>')
  })
  beforeEach(() => {
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())
  const sent = () => api.received.at(-1)

  it('posts to the address of a flow and prints the answer', async () => {
    const ran = await run(['Orders', '--data', 'hello', '--header', 'Content-Type=text/plain'])
    assert.equal(ran.code, 0)
    assert.equal(ran.out, 'thanks')
    assert.match(ran.err, /^200 OK {2}[\d.]+ ms\n/)
    assert.equal(sent()?.body, 'hello')
    assert.equal(sent()?.headers['content-type'], 'text/plain')
    assert.equal(sent()?.headers.authorization, undefined)
  })

  const bodies: [string, string[], string | undefined, string, string][] = [
    ['nothing', ['/http/orders'], undefined, 'GET', ''],
    ['a file', ['/http/orders', '--file', 'body.xml'], undefined, 'POST', '<a/>'],
    ['standard input', ['/http/orders', '--file', '-'], 'from outside', 'POST', 'from outside'],
  ]
  for (const [what, argv, input, method, body] of bodies) {
    it(`sends ${what}`, async () => {
      assert.equal((await run(argv, input)).code, 0)
      assert.deepEqual([sent()?.method, sent()?.body], [method, body])
    })
  }

  it('takes client id and secret from an argument or a service key', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
    await run(['/http/orders', '--basic', 'id:se:cret'])
    assert.equal(sent()?.headers.authorization, basic('id:se:cret'))
    await run(['/http/orders', '--basic', '@data/quickstart/service-key.json'])
    assert.equal(sent()?.headers.authorization, basic('sender:secret-of-the-sender'))
  })

  it('shows status and headers with -i', async () => {
    assert.match((await run(['/http/orders', '-d', 'x', '-i'])).out, /^200 OK\n[^]*x-answer +yes\n[^]*\n\nthanks$/)
  })

  it('ends with 1 for an answer of 400 or more, and prints it all the same', async () => {
    const ran = await run(['/http/orders', '-X', 'put', '--data', 'x'])
    assert.deepEqual([ran.code, ran.out], [1, 'it broke'])
  })

  it('is JSON for programs', async () => {
    const { out } = await run(['/http/orders', '--json'])
    const { status, body } = JSON.parse(out) as { status: number; body: string }
    assert.deepEqual({ status, body }, { status: 200, body: 'got' })
  })

  const wrong: [string, string[], number, RegExp][] = [
    ['a flow without an address', ['Other'], 1, /Other has no address/],
    ['two bodies', ['Orders', '--data', 'a', '--file', 'b'], 2, /--data and --file exclude each other/],
    ['half a client certificate', ['Orders', '--cert', 'a.pem'], 2, /--cert and --key belong together/],
    ['a secret without an id', ['Orders', '--basic', 'x'], 2, /--basic must be id:secret or @file/],
    ['an address without TLS', ['http://localhost/http/orders'], 1, /is no https address/],
    [
      'a certificate that is not there',
      ['Orders', '--cert', 'a.pem', '--key', 'a.key'],
      1,
      /client certificate .*a\.pem cannot be read/,
    ],
  ]
  for (const [what, argv, code, err] of wrong) {
    it(`refuses ${what}`, async () => {
      const ran = await run(argv)
      assert.equal(ran.code, code)
      assert.match(ran.err, err)
    })
  }
})

it('send shows the client certificate of the quickstart, and another one when told', async () => {
  await using api = await serveManagementApi({})
  const issued = await api.ca.issueServer({ hostNames: [] })
  const options = {
    cert: issued.chain,
    key: issued.key,
    ca: api.caCertificate,
    requestCert: true,
    rejectUnauthorized: true,
  }
  const server = createServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    response.end(String(subject.CN))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const other = await api.ca.issueClient({ commonName: 'another', days: 1, keySize: 2048 })
  writeFileSync(join(api.folder, 'other.pem'), other.chain)
  writeFileSync(join(api.folder, 'other.key'), other.key)
  const url = `https://localhost:${port}/`
  try {
    assert.equal((await sluice(['send', url], { folder: api.folder })).out, 'sender')
    assert.equal(
      (await sluice(['send', url, '--cert', 'other.pem', '--key', 'other.key'], { folder: api.folder })).out,
      'another',
    )
    const without = await sluice(['send', url, '--basic', 'a:b'], { folder: api.folder })
    assert.equal(without.code, 1)
    assert.match(without.err, /^sluice: (No TLS connection|The connection) with localhost/)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
