import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'

import { systemClock } from '../../base/index.ts'
import { openBuiltInCa } from '../../keystore/index.ts'
import { clientId, clientSecret, errorReply, serveManagementApi } from '../../../test/kit/management-api.ts'
import { type ApiClient, createApiClient } from './api-client.ts'
import { connectionFault } from './connection-faults.ts'
import { entity, query } from './odata-address.ts'

type Api = Awaited<ReturnType<typeof serveManagementApi>>

describe('the API client', () => {
  let api: Api
  let client: ApiClient
  const open = (given: { url?: string; secret?: string; ca?: string } = {}): ApiClient =>
    createApiClient({
      base: new URL(given.url ?? api.url),
      clientId,
      clientSecret: given.secret ?? clientSecret,
      ca: given.ca ?? api.caCertificate,
    })

  before(async () => {
    api = await serveManagementApi({})
    client = open()
  })
  after(async () => {
    await client.close()
    await api[Symbol.asyncDispose]()
  })

  it('reads an entity, and undefined where there is none', async () => {
    api.routes["GET Things('it''s a/b?')"] = { d: { Id: 'x' } }
    assert.deepEqual(await client.entity(entity`Things(${"it's a/b?"})`), { Id: 'x' })
    assert.equal(await client.find(entity`Things(${'other'})`), undefined)
    await assert.rejects(client.entity(entity`Things(${'other'})`), {
      code: 'cli.notFound',
      message: 'Requested entity could not be found.',
    })
  })

  it('reads content, and undefined for 204 and 404', async () => {
    api.routes['GET Bytes/$value'] = { raw: Buffer.from([0, 255]) }
    api.routes['GET None/$value'] = { status: 204 }
    assert.deepEqual(await client.content('Bytes/$value'), Buffer.from([0, 255]))
    assert.equal(await client.content('None/$value'), undefined)
    assert.equal(await client.content('Missing/$value'), undefined)
  })

  it('follows the links to further pages up to a limit', async () => {
    api.routes['GET Pages?$top=9'] = {
      d: { results: [{ Id: '1' }, { Id: '2' }], __next: `${api.url}/api/v1/Pages?$skiptoken=2` },
    }
    api.routes['GET Pages?$skiptoken=2'] = { d: { results: [{ Id: '3' }], __next: 'Pages?$skiptoken=3' } }
    api.routes['GET Pages?$skiptoken=3'] = { d: { results: [{ Id: '4' }] } }
    const ids = async (limit?: number) =>
      (await client.list(`Pages${query({ $top: 9, $filter: '' })}`, limit)).map(({ Id }) => Id)
    assert.deepEqual(await ids(), ['1', '2', '3', '4'])
    assert.deepEqual(await ids(3), ['1', '2', '3'])
  })

  it('sends its credentials to no other server', async () => {
    api.routes['GET Lure'] = { d: { results: [], __next: 'https://evil.example.org/api/v1/Lure' } }
    await assert.rejects(client.list('Lure'), { code: 'cli.answerUnreadable' })
  })

  it('fetches a CSRF token before the first change, with its cookie, and again when it has expired', async () => {
    api.routes['POST Things'] = { status: 201, raw: 'task-1' }
    const fetches = (): number => api.received.filter(({ path }) => path === '').length
    assert.equal(await client.write('POST', 'Things', { Id: 'x' }), 'task-1')
    await client.write('POST', 'Things', { Id: 'y' })
    assert.equal(fetches(), 1)
    api.expireToken()
    await client.write('POST', 'Things', { Id: 'z' })
    assert.equal(fetches(), 2)
    const last = api.received.at(-1)
    assert.equal(last?.headers['content-type'], 'application/json')
    assert.equal(last?.body, '{"Id":"z"}')
  })

  it('gives up where the token it was given is never accepted', async () => {
    api.routes['POST Stubborn'] = { ...errorReply(403, 'api.csrf', 'no'), headers: { 'x-csrf-token': 'Required' } }
    await assert.rejects(client.write('POST', 'Stubborn'), { code: 'cli.csrf' })
  })

  const answers: [string, ReturnType<typeof errorReply>, { code: string; message: RegExp | string }][] = [
    [
      'a missing role',
      errorReply(403, 'api.roleMissing', 'The role MonitoringDataRead is missing.'),
      { code: 'cli.forbidden', message: 'The role MonitoringDataRead is missing.' },
    ],
    [
      'a refusal',
      errorReply(400, 'api.x', 'That is wrong.'),
      { code: 'cli.requestRefused', message: 'The server answered 400: That is wrong.' },
    ],
    [
      'an error page',
      { status: 502, raw: '<html><body>Bad gateway</body></html>' },
      { code: 'cli.requestRefused', message: 'The server answered 502: no reason given.' },
    ],
    [
      'an answer of something else',
      { raw: '<html>Hello</html>' },
      { code: 'cli.answerUnreadable', message: /^localhost:\d+ gave an answer to \/api\/v1\/Case that/ },
    ],
  ]
  for (const [what, reply, expected] of answers) {
    it(`explains ${what}`, async () => {
      api.routes['GET Case'] = reply
      await assert.rejects(client.entity('Case?x=y'), expected)
    })
  }

  it('explains credentials that are not accepted, without showing them', async () => {
    const other = open({ secret: 'wrong-secret' })
    await assert.rejects(other.entity('Case'), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'cli.unauthenticated')
      assert.ok(!error.message.includes('wrong-secret'))
      return true
    })
    await other.close()
  })
})

describe('a connection that fails', () => {
  let api: Api
  const servers: Server[] = []
  const listen = async (server: Server): Promise<number> => {
    servers.push(server)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return (server.address() as AddressInfo).port
  }
  const codeOf = async (url: string, ca: string | null = api.caCertificate): Promise<unknown> => {
    const client = createApiClient({ base: new URL(url), clientId, clientSecret, ca: ca ?? undefined })
    const error = (await client.entity('Things').catch((thrown: unknown) => thrown)) as {
      code: unknown
      message: string
    }
    await client.close()
    return error.code
  }

  before(async () => {
    api = await serveManagementApi({})
  })
  after(async () => {
    for (const server of servers) server.close()
    await api[Symbol.asyncDispose]()
  })

  it('because nobody listens', async () => {
    const server = createServer()
    const port = await listen(server)
    await new Promise((done) => server.close(done))
    assert.equal(await codeOf(`https://localhost:${port}`), 'cli.connectionRefused')
  })

  it('because the host is unknown', async () => {
    assert.equal(await codeOf('https://no-such-host.invalid'), 'cli.hostUnknown')
  })

  it('because the authority is another one', async () => {
    const other = await serveManagementApi({})
    assert.equal(await codeOf(api.url, other.caCertificate), 'cli.serverUntrusted')
    assert.equal(await codeOf(api.url, null), 'cli.serverUntrusted')
    await other[Symbol.asyncDispose]()
  })

  it('because the certificate is for another name', () => {
    // The built-in CA puts localhost into every certificate, so the check is asked directly.
    const certificate = {
      subject: { CN: 'other' },
      subjectaltname: 'DNS:other.example.org',
    } as unknown as PeerCertificate
    const error = checkServerIdentity('localhost', certificate)
    assert.equal(connectionFault(error, new URL(api.url)).code, 'cli.serverNameWrong')
  })

  it('because the certificate has expired', async () => {
    const past = { ...systemClock, now: () => Date.now() - 20 * 86_400_000 }
    const ca = openBuiltInCa({ certificate: api.caCertificate, key: api.caKey, clock: past })
    const issued = await ca.issueServer({ hostNames: ['localhost'], days: 1 })
    const port = await listen(createTlsServer({ cert: issued.chain, key: issued.key }))
    assert.equal(await codeOf(`https://localhost:${port}`), 'cli.serverExpired')
  })

  it('because the other side does not speak TLS', async () => {
    const port = await listen(createServer((_, response) => response.end('hello')))
    assert.equal(await codeOf(`https://localhost:${port}`), 'cli.tlsFailed')
  })

  it('because it breaks in the middle', async () => {
    const issued = await api.ca.issueServer({ hostNames: ['localhost'] })
    const port = await listen(
      createTlsServer({ cert: issued.chain, key: issued.key }, (request) => request.socket.destroy()),
    )
    assert.equal(await codeOf(`https://localhost:${port}`), 'cli.connectionLost')
  })
})
