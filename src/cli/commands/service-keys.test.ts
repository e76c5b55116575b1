import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const secret = 'the-drawn-secret'

describe('service instances and their keys', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  let certificate: string
  const run = (line: string, input?: string) =>
    sluice(line.split(' '), { folder: api.folder, ...(input !== undefined && { input }) })
  const lastBody = (): Record<string, string> =>
    JSON.parse(api.received.findLast(({ body }) => body !== '')?.body ?? '') as never
  const fileIn = (name: string): string => join(api.folder, name)

  before(async () => {
    const instance = (id: string, name: string) => ({
      Id: id,
      Name: name,
      Plan: 'integration-flow',
      Parameters: '{"roles":["A.send"],"grant-types":["client_credentials"],"redirect-uris":[],"token-validity":3600}',
      CreatedAt: `/Date(${noon})/`,
    })
    const key = (id: string, instanceId: string, name: string, type: string) => ({
      Id: id,
      InstanceId: instanceId,
      Name: name,
      Type: type,
      ClientId: `sb-${id}`,
      Until: null,
      CertificateValidTo: type === 'secret' ? null : `/Date(${noon})/`,
    })
    const document = (id: string) => ({ clientid: `sb-${id}`, clientsecret: secret })
    api = await serveManagementApi({
      'GET ServiceInstances': { d: { results: [instance('i1', 'sales'), instance('i2', 'stock')] } },
      'POST ServiceInstances': { status: 201, d: instance('i3', 'new') },
      "PUT ServiceInstances('i1')": { status: 204 },
      "DELETE ServiceInstances('i1')": { status: 204 },
      'GET ServiceKeys': {
        d: {
          results: [
            key('k1', 'i1', 'erp', 'certificate'),
            key('k2', 'i2', 'erp', 'secret'),
            key('k3', 'i2', 'shop', 'secret'),
          ],
        },
      },
      'POST ServiceKeys': { status: 201, d: key('k4', 'i1', 'new', 'secret') },
      "DELETE ServiceKeys('k3')": { status: 204 },
      "GET ServiceKeys('k1')/Certificates": {
        d: { results: [{ Fingerprint: 'f'.repeat(64), Subject: 'CN=erp', ValidTo: `/Date(${noon})/`, From: null }] },
      },
      "GET ServiceKeys('k3')/$value?shape=flat": { raw: JSON.stringify(document('k3')) },
      "GET ServiceKeys('k4')/$value?shape=flat": { raw: JSON.stringify(document('k4')) },
      "GET ServiceKeys('k4')/$value?shape=oauth": { raw: JSON.stringify({ oauth: document('k4') }) },
      "POST RotateServiceKey?Id='k1'&OverlapDays='14'": { raw: JSON.stringify({ Id: 'k4' }) },
      "POST RotateServiceKey?Id='k3'&OverlapDays='7'": { raw: JSON.stringify({ Id: 'k4' }) },
      'POST ServiceKeyKit': { raw: Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0x80]) },
      'POST ServiceKeyCertificates': {
        status: 201,
        d: { Fingerprint: 'a'.repeat(64), Subject: 'CN=erp', KeyId: 'k1' },
      },
    })
    certificate = readFileSync(fileIn('data/quickstart/client.pem'), 'utf8')
  })
  beforeEach(() => {
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())

  it('instances are listed and shown with their parameters', async () => {
    assert.match(
      (await run('service-instance list')).out,
      /^NAME +PLAN +ROLES +ID\nsales +integration-flow +A\.send +i1\n/,
    )
    const shown = JSON.parse((await run('service-instance show sales --json')).out) as Record<string, unknown>
    assert.deepEqual([shown.Id, shown.GrantTypes, shown.TokenValidity], ['i1', ['client_credentials'], 3600])
  })

  it('an instance is created with the parameters that are given, and no others', async () => {
    assert.equal(
      (await run('service-instance create new --role A.send --token-validity 7200')).out,
      'created  new  i3\n',
    )
    const { Parameters, ...rest } = lastBody()
    assert.deepEqual(rest, { Name: 'new', Plan: 'integration-flow' })
    assert.deepEqual(JSON.parse(Parameters ?? ''), { roles: ['A.send'], 'token-validity': 7200 })
    assert.equal((await run('service-instance create new --plan other')).code, 2)
  })

  it('an instance is changed and deleted by its name', async () => {
    assert.equal((await run('service-instance update sales --role B.read')).code, 0)
    assert.deepEqual(lastBody(), { Parameters: '{"roles":["B.read"]}' })
    assert.equal((await run('service-instance delete sales')).code, 0)
    assert.deepEqual(api.writes(), ["PUT ServiceInstances('i1')", "DELETE ServiceInstances('i1')"])
  })

  it('keys are listed without secrets, all or of one instance', async () => {
    const all = await run('service-key list')
    assert.match(all.out, /^INSTANCE +NAME +TYPE +CLIENT ID .*\nsales +erp +certificate +sb-k1 +2026-03-01/)
    const some = JSON.parse((await run('service-key list --instance stock --json')).out) as { Id: string }[]
    assert.deepEqual(
      some.map(({ Id }) => Id),
      ['k2', 'k3'],
    )
  })

  it('a name that two keys have needs its instance', async () => {
    assert.match((await run('service-key show erp')).err, /erp can be more than one service key: k1, k2/)
    assert.match((await run('service-key show sales/erp')).out, /Fingerprint +f{64}/)
  })

  it('the credential is shown only when it is asked for', async () => {
    assert.ok(!(await run('service-key show shop')).out.includes(secret))
    assert.match((await run('service-key show shop --credential')).out, new RegExp(secret))
    assert.equal((await run('service-key show shop --out x.json')).code, 2)
  })

  it('a new key is printed once, or written where only its owner reads it', async () => {
    const printed = await run('service-key create sales new')
    assert.deepEqual(JSON.parse(printed.out), { clientid: 'sb-k4', clientsecret: secret })
    assert.deepEqual(JSON.parse(lastBody().Parameters ?? ''), { 'key-type': 'secret' })
    const written = await run('service-key create sales new --shape oauth --out key.json')
    assert.equal(written.out, 'written  key.json\n')
    assert.equal(statSync(fileIn('key.json')).mode & 0o777, 0o600)
    assert.deepEqual(JSON.parse(readFileSync(fileIn('key.json'), 'utf8')), {
      oauth: { clientid: 'sb-k4', clientsecret: secret },
    })
  })

  it('no key is made where its file could not be written', async () => {
    const ran = await run('service-key create sales new --out data/quickstart/ca.pem --json')
    assert.equal((JSON.parse(ran.err) as { code: string }).code, 'cli.fileExists')
    assert.deepEqual(api.writes(), [])
  })

  const requests: [string, object][] = [
    ['--type certificate --days 90 --key-size 3072', { 'key-type': 'certificate', validity: 90, 'key-length': 3072 }],
    ['--client-id erp-1', { 'key-type': 'secret', 'client-id': 'erp-1' }],
  ]
  for (const [flags, parameters] of requests) {
    it(`service-key create with ${flags} asks for that`, async () => {
      assert.equal((await run(`service-key create sales new ${flags}`)).code, 0)
      assert.deepEqual(JSON.parse(lastBody().Parameters ?? ''), parameters)
    })
  }

  it("registers the client's own certificate, and takes a secret of one's own from standard input", async () => {
    assert.equal((await run('service-key create sales new --cert data/quickstart/client.pem --no-pin')).code, 0)
    assert.deepEqual(JSON.parse(lastBody().Parameters ?? ''), {
      'key-type': 'certificate_external',
      'X.509': certificate,
      'pin-certificate': false,
    })
    const own = 'a secret that somebody chose himself'
    assert.equal((await run('service-key create sales new --own-secret', `${own}\n`)).code, 0)
    assert.deepEqual(JSON.parse(lastBody().Parameters ?? ''), { 'key-type': 'secret', 'client-secret': own })
  })

  it('refuses what does not go together before anything is made', async () => {
    for (const flags of [
      '--type certificate --cert x.pem',
      '--type certificate --client-id x',
      '--no-pin',
      '--days 366',
    ])
      assert.equal((await run(`service-key create sales new ${flags}`)).code, 2, flags)
    assert.deepEqual(api.received, [])
  })

  it('rotates, with or without a certificate of the client, and prints the new key', async () => {
    assert.match((await run('service-key rotate shop')).out, new RegExp(secret))
    assert.deepEqual(api.writes(), ["POST RotateServiceKey?Id='k3'&OverlapDays='7'"])
    assert.equal((await run('service-key rotate sales/erp --overlap 14 --cert data/quickstart/client.pem')).code, 0)
    assert.equal(api.received.findLast(({ method }) => method === 'POST')?.body, certificate)
  })

  it('adds a certificate with its window', async () => {
    const line = 'service-key add-certificate sales/erp --cert data/quickstart/client.pem --from 2026-03-01T12:00:00Z'
    assert.match((await run(line)).out, /a{64} +CN=erp/)
    assert.deepEqual(lastBody(), { KeyId: 'k1', Certificate: certificate, From: `/Date(${noon})/` })
    assert.equal((await run('service-key add-certificate sales/erp --cert x --from tomorrow')).code, 2)
  })

  it('writes the kit byte for byte, with a password only where there is a private key', async () => {
    const ran = await run('service-key kit sales/erp', 'correct horse\n')
    assert.deepEqual(
      [ran.code, ran.out, lastBody()],
      [0, 'written  erp-kit.zip\n', { Id: 'k1', Password: 'correct horse' }],
    )
    assert.deepEqual(readFileSync(fileIn('erp-kit.zip')), Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0x80]))
    assert.equal(statSync(fileIn('erp-kit.zip')).mode & 0o777, 0o600)
    assert.equal((await run('service-key kit shop --out kits/a.zip')).code, 0)
    assert.deepEqual(lastBody(), { Id: 'k3' })
    assert.ok(existsSync(fileIn('kits/a.zip')))
    const again = await run('service-key kit shop --out kits/a.zip --json')
    assert.equal((JSON.parse(again.err) as { code: string }).code, 'cli.fileExists')
    rmSync(fileIn('kits'), { recursive: true })
  })

  it('deletes', async () => {
    assert.equal((await run('service-key delete shop')).out, 'deleted  shop\n')
    assert.deepEqual(api.writes(), ["DELETE ServiceKeys('k3')"])
  })
})
