import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { type Ask, newTestApi } from '../../test/kit/api.ts'
import { listening, testAuthority } from '../../test/kit/connectivity.ts'
import { createServer } from 'node:tls'
import { readZip } from '../formats/index.ts'

const api = await newTestApi()
after(api.dispose)

describe('connectivity tests by the API', () => {
  let server: Awaited<ReturnType<typeof listening>>
  let inputs: Readonly<Record<string, unknown>>

  before(async () => {
    const { chain, key } = await (await testAuthority()).server(['localhost'])
    server = await listening(createServer({ cert: chain, key }))
    inputs = { kind: 'tls', host: 'localhost', port: server.port, validateServerCertificate: false }
  })
  after(async () => server[Symbol.asyncDispose]())

  const test = (body: object, ask: Ask = {}) => api.ask('POST /TestConnectivity', { body, ...ask })

  it('are described by their fields', async () => {
    const kinds = JSON.parse(String((await api.ask('GET /ConnectivityTestKinds')).body))
    const tls = kinds.find(({ kind }: { kind: string }) => kind === 'tls')
    assert.ok(tls.fields.some(({ name, required }: { name: string; required: boolean }) => name === 'host' && required))
  })

  it('answer with steps and chain, and are audited', async () => {
    const answer = await test(inputs)
    assert.equal(answer.status, 200, String(answer.body))
    const result = JSON.parse(String(answer.body))
    assert.deepEqual([result.ok, result.certificates.length], [true, 2])
    const [event] = await api.services.audit.list({ action: 'Test' }, { top: 1 })
    assert.equal(event?.objectId, `tls localhost:${server.port}`)
  })

  it('give the chain as a zip, or say that there is none', async () => {
    const zip = await api.ask('POST /DownloadTestedCertificates', { body: inputs })
    assert.equal((await readZip(Buffer.from(zip.body))).size, 2)
    const none = await api.ask('POST /DownloadTestedCertificates', {
      body: { kind: 'tls', host: '127.0.0.1', port: 1 },
    })
    assert.equal(none.status, 404)
    assert.match(String(none.body), /127\.0\.0\.1/)
  })

  const monitor = ['MonitoringDataRead']
  const withKey = { authenticateWithClientCertificate: true, alias: 'mine' }
  const refused: readonly (readonly [what: string, body: object, status: number, code: string, ask?: Ask])[] = [
    ['without the role', { kind: 'tls', host: 'h' }, 403, 'api.roleMissing', { roles: ['CredentialsEdit'] }],
    ['with a key, by one who only monitors', withKey, 403, 'api.roleMissing', { roles: monitor }],
    ['of an unknown kind', { kind: 'telnet' }, 404, 'connectivity.kindUnknown'],
    ['without a kind', { kind: undefined }, 400, 'api.parametersInvalid'],
    ['with an unknown input', { colour: 'red' }, 400, 'connectivity.inputInvalid'],
    ['with an object as input', { host: {} }, 400, 'api.parametersInvalid'],
  ]
  for (const [what, body, status, code, ask] of refused) {
    it(`are refused ${what}`, async () => {
      const answer = await test({ ...inputs, ...body }, ask)
      assert.deepEqual([answer.status, JSON.parse(String(answer.body)).error.code], [status, code])
    })
  }

  it('are so many a minute', async () => {
    const body = { kind: 'tls', host: '127.0.0.1', port: 1 }
    const statuses = new Set<number>()
    for (let count = 0; count < 40; count++) statuses.add((await test(body, { name: 'scanner' })).status)
    assert.deepEqual([...statuses], [200, 429])
  })
})
