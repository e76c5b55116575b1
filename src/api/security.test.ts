import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { type Ask, newTestApi } from '../../test/kit/api.ts'
import { parseXml } from '../formats/xml.ts'

const api = await newTestApi()
after(api.dispose)

describe('tokens against forged calls', () => {
  const fetched = async (method: 'basic' | 'certificate', name = 'ann', line = 'GET /') => {
    const { headers } = await api.ask(line, { method, name, headers: { 'x-csrf-token': 'fetch' } })
    return { token: headers['x-csrf-token'] ?? '', cookie: (headers['set-cookie'] ?? '').split(';')[0] ?? '' }
  }
  const write = (ask: Ask) => api.ask("DELETE /IntegrationPackages('none')", ask)

  it('are handed out by every read, in any case of the word, also where the read fails', async () => {
    for (const [line, word] of [
      ['GET /', 'fetch'],
      ['HEAD /', 'Fetch'],
      ['GET /IntegrationPackages', 'FETCH'],
      ["GET /IntegrationPackages('none')", 'fetch'],
    ] as const) {
      const { headers } = await api.ask(line, { method: 'basic', headers: { 'x-csrf-token': word } })
      assert.match(headers['x-csrf-token'] ?? '', /^[\w-]{20,}$/, line)
      assert.match(headers['set-cookie'] ?? '', /; Path=\/; Secure; HttpOnly; SameSite=Strict$/, line)
    }
    const { headers } = await api.ask('GET /', { method: 'basic' })
    assert.deepEqual([headers['x-csrf-token'], headers['set-cookie']], [undefined, undefined])
  })

  it('let a write through with their cookie', async () => {
    for (const method of ['basic', 'certificate'] as const) {
      const { token, cookie } = await fetched(method)
      assert.equal((await write({ method, headers: { 'x-csrf-token': token, cookie } })).status, 404)
    }
  })

  it('are required of everyone but bearer clients', async () => {
    for (const ask of [
      { method: 'basic' },
      { method: 'certificate' },
      { method: 'bearer', sessionId: 's1' },
    ] as const) {
      const answer = await write(ask)
      assert.equal(answer.status, 403)
      assert.equal(answer.headers['x-csrf-token'], 'required')
    }
    assert.equal((await write({ method: 'bearer' })).status, 404)
  })

  it('serve one client, one session and some time only', async () => {
    const { token, cookie } = await fetched('basic')
    const other = await fetched('basic', 'bob')
    const attempts: readonly Ask[] = [
      { method: 'basic', name: 'bob', headers: { 'x-csrf-token': token, cookie } },
      { method: 'basic', headers: { 'x-csrf-token': token, cookie: other.cookie } },
      { method: 'basic', headers: { 'x-csrf-token': token } },
      { method: 'basic', headers: { 'x-csrf-token': 'fetch', cookie } },
      { method: 'basic', headers: { 'x-csrf-token': '', cookie } },
      { method: 'certificate', headers: { 'x-csrf-token': token, cookie } },
      { method: 'basic', sessionId: 's1', headers: { 'x-csrf-token': token, cookie } },
    ]
    for (const attempt of attempts) assert.equal((await write(attempt)).status, 403, JSON.stringify(attempt))
    api.time.now += 24 * 3_600_000
    assert.equal((await write({ method: 'basic', headers: { 'x-csrf-token': token, cookie } })).status, 403)
  })
})

describe('credentials', () => {
  it('take a password and never give it back', async () => {
    const secret = 'pa55 "word"'
    assert.equal(
      (
        await api.ask('POST /UserCredentials', {
          body: { Name: 'C1', Kind: 'default', Description: 'd', User: 'svc', Password: secret },
        })
      ).status,
      202,
    )
    assert.equal(
      (await api.ask('POST /UserCredentials', { body: { Name: 'C1', User: 'x', Password: 'y' } })).status,
      409,
    )
    for (const line of [
      'GET /UserCredentials',
      "GET /UserCredentials('C1')",
      "GET /UserCredentials('C1')/Password",
      "GET /UserCredentials?$filter=startswith(Password,'pa')",
    ]) {
      for (const accept of ['application/json', 'application/atom+xml']) {
        const answer = await api.ask(line, { headers: { accept } })
        assert.equal(answer.status, 200)
        assert.ok(!String(answer.body).includes('pa55'), line)
      }
    }
    assert.deepEqual((await api.read("GET /UserCredentials?$filter=startswith(Password,'pa')")).results, [])
    const found = await api.read("GET /UserCredentials('C1')")
    assert.deepEqual(
      [found.Name, found.Kind, found.User, found.Password, found.SecurityArtifactDescriptor.Status],
      ['C1', 'default', 'svc', null, 'DEPLOYED'],
    )
    assert.deepEqual(await api.services.secrets.userCredential('C1'), {
      user: 'svc',
      password: secret,
    })
  })

  it('keep what an update does not name', async () => {
    assert.equal((await api.ask("PUT /UserCredentials('C1')", { body: { Name: 'C1', User: 'new' } })).status, 202)
    assert.deepEqual(await api.services.secrets.userCredential('C1'), {
      user: 'new',
      password: 'pa55 "word"',
    })
    assert.equal((await api.read("GET /UserCredentials('C1')")).Description, 'd')
    await api.ask("PUT /UserCredentials('C1')", { body: { Password: 'other', Description: '' } })
    assert.deepEqual(await api.services.secrets.userCredential('C1'), {
      user: 'new',
      password: 'other',
    })
    assert.equal((await api.ask("DELETE /UserCredentials('C1')")).status, 202)
    assert.equal((await api.ask("GET /UserCredentials('C1')")).status, 404)
  })

  it('are refused with all that is missing', async () => {
    const answer = await api.ask('POST /UserCredentials', { body: { Name: 'C2' } })
    assert.equal(answer.status, 400)
    assert.match(String(answer.body), /'User' cannot be empty.*'Password' cannot be empty/)
    assert.equal(
      (
        await api.ask('POST /UserCredentials', {
          body: { Name: 'C2', User: 'u', Password: 'p', Kind: 'successfactors' },
        })
      ).status,
      400,
    )
    for (const line of ["PUT /UserCredentials('none')", "DELETE /UserCredentials('none')"]) {
      const missing = await api.ask(line, { body: { User: 'u' } })
      assert.equal(missing.status, 404)
      assert.match(String(missing.body), /Requested entity could not be found/)
    }
  })
})

it('refusals are listed and found by their reference', async () => {
  const refusal = (reference: string, time: number) => ({
    reference,
    time,
    remoteAddress: '127.0.0.1',
    certificate: { fingerprint: 'f', subject: 'CN=a', issuer: 'CN=b', validTo: '2030' },
    method: 'POST',
    endpoint: '/http/x',
    stage: 'role',
    code: 'inbound.roleMissing',
    reason: 'why',
    remedy: 'what',
    status: 403,
  })
  const repeated = { ...refusal('BBB', 2000), times: 7 }
  await api.stores.refusals.add([refusal('AAA', 1000), repeated, refusal('CCC', 3000)])
  const references = async (query: string) =>
    (await api.read(`GET /InboundRefusals?${query}`)).results.map((one: Record<string, unknown>) => one.Reference)
  assert.deepEqual(await references("$filter=Reference eq 'BBB'"), ['BBB'])
  assert.deepEqual(
    await references("$filter=Time ge datetime'1970-01-01T00:00:02' and Stage eq 'role'&$orderby=Time desc&$top=1"),
    ['CCC'],
  )
  assert.deepEqual(await references("$filter=Time gt datetime'1970-01-01T00:00:02'"), ['CCC'])
  assert.deepEqual(await references("$filter=Reference eq 'AAA' or Reference eq 'CCC'&$orderby=Time"), ['AAA', 'CCC'])
  const found = await api.read("GET /InboundRefusals('AAA')")
  assert.deepEqual(
    [found.CertificateSubject, found.Reason, found.Status, found.Time, found.Times],
    ['CN=a', 'why', 403, '/Date(1000)/', 1],
  )
  assert.equal((await api.read("GET /InboundRefusals('BBB')")).Times, 7)
})

describe('errors', () => {
  it('have the shape of the form asked for', async () => {
    const json = await api.ask("GET /IntegrationPackages('none')")
    assert.deepEqual(JSON.parse(String(json.body)), {
      error: {
        code: 'odata.entityMissing',
        message: {
          lang: 'en',
          value: 'Requested entity could not be found in IntegrationPackages. Check the key; names are case-sensitive.',
        },
      },
    })
    const xml = await api.ask("GET /IntegrationPackages('none')", { headers: { accept: '' } })
    assert.equal(parseXml(String(xml.body)).documentElement?.localName, 'error')
    assert.match(String(xml.body), /<message xml:lang="en">Requested entity could not be found/)
  })

  it('of ours show a reference and nothing else', async () => {
    const lines: object[] = []
    const log = {
      ...api.services.log,
      error: (words: string, fields?: object) => void lines.push({ words, ...fields }),
    }
    const broken = { ...api.stores.messages, find: () => Promise.reject(new Error('secret detail')) }
    const own = await newTestApi({ messages: broken, log })
    const answer = await own.ask("GET /MessageProcessingLogs('x')")
    await own.dispose()
    assert.equal(answer.status, 500)
    assert.ok(!String(answer.body).includes('secret detail'))
    const reference = /reference (\w+)\)/.exec(String(answer.body))?.[1] ?? ''
    assert.match(JSON.stringify(lines), new RegExp(`${reference}.*secret detail`))
  })

  it('name the methods that are allowed', async () => {
    const answer = await api.ask("DELETE /MessageProcessingLogs('x')")
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET'])
  })

  for (const [line, status] of [
    ['POST /$batch', 501],
    ['GET /Nothing', 404],
    ['GET /IntegrationPackages?$format=csv', 501],
    ['GET /IntegrationPackages?$top=many', 400],
    ['GET /%ZZ', 400],
    ['OPTIONS /IntegrationPackages', 405],
  ] as const) {
    it(`${line} is ${status}`, async () => assert.equal((await api.ask(line)).status, status))
  }
})

it('the service document and $metadata list every set', async () => {
  const { EntitySets } = await api.read('GET /')
  const metadata = String((await api.ask('GET /$metadata')).body)
  assert.ok(EntitySets.length >= 25)
  for (const set of EntitySets) assert.ok(metadata.includes(`<EntitySet Name="${set}"`), set)
  parseXml(metadata)
  assert.equal((await api.ask('HEAD /')).body, '')
})
