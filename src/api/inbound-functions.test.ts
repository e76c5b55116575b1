import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { answersOf } from '../../test/kit/api-answers.ts'
import { loadX509 } from '../keystore/x509-library.ts'

const api = await newTestApi()
after(api.dispose)
const { made } = answersOf(api)
const day = 86_400_000

const { Id: instanceId } = await made('ServiceInstances', { Name: 'i', Plan: 'integration-flow' })
const key = (Name: string, parameters: object = {}) =>
  made('ServiceKeys', { InstanceId: instanceId, Name, Parameters: JSON.stringify(parameters) })
const valueOf = async (id: string) => JSON.parse(String((await api.ask(`GET /ServiceKeys('${id}')/$value`)).body))

describe('rotation', () => {
  const rotate = async (line: string, body?: object | Buffer) => {
    const answer = await api.ask(`POST /RotateServiceKey?${line}`, body && { body })
    assert.equal(answer.status, 200, String(answer.body))
    return JSON.parse(String(answer.body))
  }

  it('of a secret: both count until the overlap is over', async () => {
    const old = await key('secret')
    const before = await valueOf(old.Id)
    const rotated = await rotate(`Id='${old.Id}'&OverlapDays=7`)
    const now = await valueOf(rotated.Id)
    assert.notEqual(now.clientsecret, before.clientsecret)
    assert.ok(!JSON.stringify(rotated).includes(now.clientsecret))
    for (const { clientid, clientsecret } of [before, now])
      assert.ok(api.identity.byClientSecret(clientid, clientsecret))
    assert.equal((await api.read(`GET /ServiceKeys('${old.Id}')`)).Until, `/Date(${api.time.now + 7 * day})/`)
  })

  it('of certificates: a further one of the same key', async () => {
    const generated = await key('certificate', { 'key-type': 'certificate', validity: 30 })
    const rotated = await rotate(`Id='${generated.Id}'&OverlapDays='1'`)
    assert.equal(rotated.Id, generated.Id)
    assert.equal((await api.read(`GET /ServiceKeys('${generated.Id}')/Certificates`)).results.length, 2)
    for (const [name, body] of [
      ['as parameters', async (pem: string) => ({ 'X.509': pem })],
      ['as PEM', async (pem: string) => Buffer.from(pem)],
      ['as DER', async (pem: string) => new X509Certificate(pem).raw],
    ] as const) {
      const first = await key(name, { 'X.509': (await api.issue(`old ${name}`)).chain })
      const { chain } = await api.issue(`new ${name}`)
      await rotate(`Id='${first.Id}'`, await body(chain))
      const { results } = await api.read(`GET /ServiceKeys('${first.Id}')/Certificates?$orderby=CreatedAt`)
      const pems = results.map(({ Certificate }: Record<string, string>) => Certificate)
      assert.ok(pems.includes(new X509Certificate(chain).toString()), name)
      assert.equal(pems.length, 2)
    }
  })

  it('is refused with what is wrong', async () => {
    const secret = await key('to rotate')
    const external = await key('external', { 'X.509': (await api.issue('external')).chain })
    for (const [query, body, code, words] of [
      ['', undefined, 400, /Id is missing/],
      ["Id='none'", undefined, 404, /no service key 'none'/],
      [`Id='${secret.Id}'&OverlapDays=366`, undefined, 400, /'366' is no number of days from 0 to 365/],
      [`Id='${secret.Id}'&OverlapDays='-1'`, undefined, 400, /'-1' is no number of days/],
      [`Id='${secret.Id}'&OverlapDays='1.5'`, undefined, 400, /'1.5' is no number of days/],
      [`Id='${external.Id}'`, undefined, 400, /the new certificate is missing/],
      [`Id='${external.Id}'`, Buffer.from('garbage'), 400, /This is not a certificate/],
      [`Id='${external.Id}'`, { pem: 'x' }, 400, /'pem' is not known/],
      [
        `Id='${secret.Id}'`,
        { 'X.509': (await api.issue('for nothing')).chain },
        400,
        /only keys with an external certificate/,
      ],
    ] as const) {
      const answer = await api.ask(`POST /RotateServiceKey?${query}`, body && { body })
      assert.equal(answer.status, code, String(answer.body))
      assert.match(String(answer.body), words)
    }
  })
})

describe('client kits', () => {
  it('come as a zip, under the password given', async () => {
    const { Id } = await key('with kit')
    const answer = await api.ask('POST /ServiceKeyKit', { body: { Id, Password: 'p12' } })
    assert.deepEqual(
      [answer.status, answer.headers['content-type'], answer.headers['content-disposition'], String(answer.body)],
      [200, 'application/zip', 'attachment; filename="with kit.zip"', 'PK zip'],
    )
    assert.deepEqual(api.kits, [{ keyId: Id, password: 'p12', addresses: api.services.addresses }])
    assert.equal((await api.ask('POST /ServiceKeyKit', { body: {} })).status, 400)
    assert.equal((await api.ask('POST /ServiceKeyKit', { body: { Id, Passwort: 'x' } })).status, 400)
  })
})

describe('the built-in CA', () => {
  it('issues the private key and the chain in one file', async () => {
    const answer = await api.ask('POST /IssueClientCertificate', {
      body: { CommonName: 'sender', Days: 10, KeySize: 3072 },
    })
    assert.equal(answer.headers['content-type'], 'application/x-pem-file')
    const text = String(answer.body)
    const [, second = ''] = text.split('-----END PRIVATE KEY-----\n')
    const leaf = new X509Certificate(second)
    assert.match(text, /^-----BEGIN PRIVATE KEY-----/)
    assert.match(leaf.subject, /CN=sender/)
    assert.equal(leaf.publicKey.asymmetricKeyDetails?.modulusLength, 3072)
    assert.equal(leaf.validToDate.getTime(), api.time.now + 10 * day)
    assert.equal(text.match(/BEGIN CERTIFICATE/g)?.length, 2)
  })

  it('signs the request of a client that keeps its key', async () => {
    const { Pkcs10CertificateRequestGenerator } = await loadX509()
    const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=keeper', keys, signingAlgorithm })
    for (const body of [Buffer.from(request.toString('pem')), Buffer.from(request.rawData)]) {
      const answer = await api.ask("POST /SignCertificateRequest?Days='5'", { body })
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'application/x-pem-file'])
      const leaf = new X509Certificate(answer.body)
      assert.match(leaf.subject, /CN=keeper/)
      assert.equal(leaf.validToDate.getTime(), api.time.now + 5 * day)
      assert.doesNotMatch(String(answer.body), /PRIVATE KEY/)
    }
  })

  it('refuses what is wrong', async () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' })
    for (const [line, body, words] of [
      ['POST /IssueClientCertificate', {}, /'CommonName' cannot be empty/],
      ['POST /IssueClientCertificate', { CommonName: 'a', Days: 0 }, /Days must be 1 to 365/],
      ['POST /IssueClientCertificate', { CommonName: 'a', Days: 366 }, /Days must be 1 to 365/],
      ['POST /IssueClientCertificate', { CommonName: 'a', KeySize: 1024 }, /KeySize must be 2048, 3072 or 4096/],
      ['POST /IssueClientCertificate', { CommonName: 'a'.repeat(65) }, /longer than 64 characters/],
      ['POST /IssueClientCertificate', { CommonName: 'a', Key: 'x' }, /has no property 'Key'/],
      ["POST /SignCertificateRequest?Days='0'", Buffer.from('x'), /Days must be 1 to 365/],
      ['POST /SignCertificateRequest', Buffer.from('garbage'), /./],
      ['POST /SignCertificateRequest', Buffer.from(key), /private key/i],
    ] as const) {
      const answer = await api.ask(line, { body })
      assert.equal(answer.status, 400, String(answer.body))
      assert.match(String(answer.body), words)
    }
  })
})

describe('explained calls', () => {
  const explain = (body: object, roles?: readonly string[]) =>
    api.ask('POST /ExplainInboundCall', { body, ...(roles && { roles }) })

  it('hand the question over and the answer back', async () => {
    api.questions.length = 0
    const question = { endpoint: '/http/x?a=b', method: 'PUT', token: 't', remoteAddress: '192.0.2.1' }
    const answer = await explain(question, ['MonitoringDataRead'])
    assert.deepEqual(JSON.parse(String(answer.body)), {
      accepted: true,
      reason: 'yes',
      remedy: '',
      flowId: 'F',
      checks: [],
    })
    await explain({ endpoint: '/http/x', basic: { user: 'u', password: 'p' } })
    assert.deepEqual(api.questions, [
      question,
      { endpoint: '/http/x', method: 'POST', basic: { user: 'u', password: 'p' } },
    ])
  })

  it('are no way to guess passwords', async () => {
    const question = { endpoint: '/http/x', basic: { user: 'u', password: 'p' } }
    assert.equal((await explain(question, ['MonitoringDataRead'])).status, 403)
    api.time.now += 120_000
    const roles = ['SecurityMaterialEdit']
    for (let asked = 0; asked < 10; asked++) assert.equal((await explain(question, roles)).status, 200)
    const refused = await explain(question, roles)
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '60'])
    assert.match(String(refused.body), /answered in 60 seconds/)
    assert.equal((await explain({ endpoint: '/http/x' }, roles)).status, 200)
    api.time.now += 60_001
    assert.equal((await explain(question, roles)).status, 200)
  })

  it('are refused with what is wrong', async () => {
    for (const [body, words] of [
      [{}, /'endpoint' must be a path/],
      [{ endpoint: 'http/x' }, /'endpoint' must be a path/],
      [{ endpoint: '/x', certificates: 'x' }, /'certificates' is not known/],
      [{ endpoint: '/x', basic: 'u:p' }, /'basic' must be an object/],
      [{ endpoint: '/x', basic: { name: 'u' } }, /'basic' cannot be used: 'name' is not known/],
      [Buffer.from('{"endpoint":'), /line 1, column 13/],
    ] as const) {
      const answer = await explain(body)
      assert.equal(answer.status, 400)
      assert.match(String(answer.body), words)
    }
  })
})
