import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'
import { systemClock } from '../../base/index.ts'
import { openBuiltInCa, writePkcs12 } from '../../keystore/index.ts'
import { loadX509 } from '../../keystore/x509-library.ts'

describe('certificates', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  let certificate: string
  let key: string
  let request: string
  const run = (line: string, input?: string) =>
    sluice(line.split(' '), { folder: api.folder, ...(input !== undefined && { input }) })
  const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(api.folder, name), content)
  const show = async (file: string, input?: string) =>
    JSON.parse((await run(`cert show ${file} --json`, input)).out) as {
      kind: string
      privateKey: boolean
      keyType?: string
      problems: string[]
      certificates: { subject: string; problems: string[] }[]
    }

  before(async () => {
    api = await serveManagementApi({})
    certificate = readFileSync(join(api.folder, 'data/quickstart/client.pem'), 'utf8')
    key = readFileSync(join(api.folder, 'data/quickstart/client.key'), 'utf8')
    const x509 = await loadX509()
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const made = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=own',
      keys,
      signingAlgorithm: algorithm,
    })
    request = made.toString('pem')
    put('own.csr', request)
    put('own.der', Buffer.from(made.rawData))
    put('both.pem', key + certificate)
    put('client.key', key)
    put('chain.pem', certificate)
    put('leaf.cer', new X509Certificate(certificate).raw)
    put('garbage', 'hello')
    const password = 'correct horse'
    put('client.p12', await writePkcs12({ chain: certificate, privateKey: key, password, friendlyName: 'c' }))
    const past = { ...systemClock, now: () => Date.now() - 20 * 86_400_000 }
    const ca = openBuiltInCa({ certificate: api.caCertificate, key: api.caKey, clock: past })
    put('old.pem', (await ca.issueClient({ commonName: 'old', days: 1, keySize: 2048 })).chain)
    const server = await ca.issueServer({ hostNames: ['h'], days: 100 })
    put('server.pem', server.chain)
    const other = await ca.issueClient({ commonName: 'other', days: 300, keySize: 2048 })
    put('mixed.pem', new X509Certificate(certificate).toString() + other.chain)
    api.routes['POST IssueClientCertificate'] = { raw: key + certificate }
    api.routes["POST SignCertificateRequest?Days='30'"] = { raw: certificate }
  })
  beforeEach(() => {
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())

  it('issue prints key and chain, or writes two files', async () => {
    assert.equal((await run('cert issue --name erp --days 30 --key-size 3072')).out.trim(), (key + certificate).trim())
    assert.deepEqual(JSON.parse(api.received.at(-1)?.body ?? ''), { CommonName: 'erp', Days: 30, KeySize: 3072 })
    assert.equal((await run('cert issue --name erp --out certs')).out, 'written  certs/erp.pem  certs/erp.key\n')
    assert.equal(readFileSync(join(api.folder, 'certs/erp.pem'), 'utf8'), certificate)
    assert.equal(readFileSync(join(api.folder, 'certs/erp.key'), 'utf8'), key)
    assert.equal(statSync(join(api.folder, 'certs/erp.key')).mode & 0o777, 0o600)
  })

  it('issue makes nothing that it could not write', async () => {
    put('here.pem', '')
    const ran = await run('cert issue --name here --out . --json')
    assert.equal((JSON.parse(ran.err) as { code: string }).code, 'cli.fileExists')
    assert.deepEqual(api.writes(), [])
    for (const flags of ['--days 366', `--name ${'x'.repeat(65)}`, ''])
      assert.equal((await run(`cert issue ${flags}`.trim())).code, 2)
  })

  it('sign sends the request as it is, and never a private key', async () => {
    assert.equal((await run('cert sign own.csr --days 30')).out, certificate)
    assert.equal(api.received.at(-1)?.body, request)
    const refused = await run('cert sign client.key --json')
    assert.equal((JSON.parse(refused.err) as { code: string }).code, 'cli.privateKeyGiven')
    assert.equal(api.writes().length, 1)
  })

  it('show says what a chain holds', async () => {
    const { out } = await run('cert show chain.pem')
    assert.match(out, /^Subject +CN=sender,O=Sluice\nIssuer +.*\n(.*\n)*Use +client\n/)
    assert.match(out, /Issuer +.*\(itself\)\n(.*\n)*Use +authority\n/)
    assert.deepEqual(api.received, [])
  })

  const files: [string, string, boolean, number][] = [
    ['chain.pem', 'certificates', false, 2],
    ['both.pem', 'certificates', true, 2],
    ['leaf.cer', 'certificates', false, 1],
    ['client.p12', 'PKCS#12', true, 2],
    ['own.csr', 'certificate request', false, 0],
    ['own.der', 'certificate request', false, 0],
  ]
  for (const [file, kind, privateKey, count] of files) {
    it(`show reads ${file}, and shows no private key`, async () => {
      const found = await show(file, 'correct horse\n')
      assert.deepEqual(
        [found.kind, found.privateKey, found.certificates.length, found.problems],
        [kind, privateKey, count, []],
      )
      assert.ok(!(await run(`cert show ${file}`, 'correct horse\n')).out.includes('PRIVATE'))
    })
  }

  it('show names what keeps a certificate from being that of a client', async () => {
    assert.deepEqual((await show('old.pem')).certificates[0]?.problems, ['it has expired'])
    assert.deepEqual((await show('server.pem')).certificates[0]?.problems, [
      'its extended key usage does not name clientAuth',
    ])
    assert.deepEqual((await show('mixed.pem')).problems, [
      'certificate 1 was not issued by certificate 2, which follows it',
    ])
  })

  it('show refuses what it cannot read, each with its own words', async () => {
    const cases: [string, string, string][] = [
      ['garbage', '', 'keystore.certificateUnreadable'],
      ['client.key', '', 'cli.privateKeyGiven'],
      ['none.pem', '', 'cli.fileUnreadable'],
      ['client.p12', 'wrong password', 'keystore.pkcs12PasswordWrong'],
    ]
    for (const [file, input, code] of cases) {
      const ran = await run(`cert show ${file} --json`, input)
      assert.deepEqual([ran.code, (JSON.parse(ran.err) as { code: string }).code], [1, code], file)
    }
  })
})
