import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { answersOf } from '../../test/kit/api-answers.ts'

const api = await newTestApi()
after(api.dispose)
const { made, status } = answersOf(api)
const day = 86_400_000

const leafOf = (chain: string): string => new X509Certificate(chain).toString()
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
const oneLine = (pem: string): string => pem.replaceAll('\n', '')

let number = 0
const instance = (Parameters = '{}', Plan = 'integration-flow') =>
  made('ServiceInstances', { Name: `instance ${number++}`, Plan, Parameters })
const key = (InstanceId: string, parameters: object = {}, Name = 'k') =>
  made('ServiceKeys', { InstanceId, Name, Parameters: JSON.stringify(parameters) })
const valueOf = async (id: string, query = '') =>
  JSON.parse(String((await api.ask(`GET /ServiceKeys('${id}')/$value${query}`)).body))

const certificates = {
  own: (await api.issue('own')).chain,
  other: (await api.issue('other')).chain,
  expired: (await api.issue('expired', { days: 1, now: api.time.now - 10 * day })).chain,
  later: (await api.issue('later', { now: api.time.now + 10 * day })).chain,
  weak: (await api.issue('weak', { keySize: 1024 })).chain,
  server: (await api.ca.issueServer({ hostNames: ['host'] })).chain,
  privateKey: (await api.issue('owner of a key')).key,
}

describe('service keys', () => {
  it('with a secret: the credential is the content, in two shapes, and nowhere else', async () => {
    const { Id } = await instance()
    const created = await key(Id)
    assert.deepEqual([created.Type, created.Pinned, created.CertificateSubject], ['secret', null, null])
    const flat = await valueOf(created.Id)
    assert.deepEqual(Object.keys(flat).sort(), ['clientid', 'clientsecret', 'tokenurl', 'uaa', 'url'])
    assert.equal(flat.url, 'https://localhost:8443')
    const nested = await valueOf(created.Id, '?shape=oauth')
    const { uaa, ...ofTheOriginal } = flat
    assert.deepEqual({ ...ofTheOriginal, createdate: nested.oauth.createdate }, nested.oauth)
    assert.deepEqual([uaa.clientid, uaa.clientsecret], [flat.clientid, flat.clientsecret])
    assert.deepEqual((await api.ask(`GET /ServiceKeys('${created.Id}')/$value`)).headers['cache-control'], 'no-store')
    for (const line of [
      'GET /ServiceKeys',
      `GET /ServiceKeys('${created.Id}')`,
      'GET /ServiceInstances?$expand=ServiceKeys',
    ])
      assert.ok(!String((await api.ask(line)).body).includes(flat.clientsecret), line)
    assert.ok(api.identity.byClientSecret(flat.clientid, flat.clientsecret))
    assert.equal((await status(`GET /ServiceKeys('${created.Id}')/$value?shape=round`))[0], 400)
  })

  it('of the plan api show the address of the API', async () => {
    const { Id } = await instance('{"roles":["MonitoringDataRead"]}', 'api')
    assert.equal((await valueOf((await key(Id)).Id)).url, 'https://localhost:9443')
  })

  it('with a generated certificate', async () => {
    const { Id } = await instance()
    const created = await key(Id, { 'key-type': 'certificate', validity: 30, 'key-length': 2048 })
    assert.deepEqual(JSON.parse(created.Parameters), { 'key-type': 'certificate', validity: 30, 'key-length': 2048 })
    const document = await valueOf(created.Id)
    const certificate = new X509Certificate(document.certificate)
    assert.equal(fingerprintOf(document.certificate), created.CertificateFingerprint)
    assert.ok(document.key.startsWith('-----BEGIN PRIVATE KEY-----'))
    assert.equal(created.CertificateValidTo, `/Date(${certificate.validToDate.getTime()})/`)
    assert.equal(document.certificatedetails.subjectdn, created.CertificateSubject)
    assert.ok(!JSON.stringify(await api.read(`GET /ServiceKeys('${created.Id}')`)).includes('PRIVATE KEY'))
  })

  it('with an external certificate: PEM as one line, of a chain the leaf, what says nothing ignored', async () => {
    const { Id } = await instance()
    const created = await key(Id, {
      'key-type': 'certificate_external',
      'X.509': oneLine(certificates.own),
      'pin-certificate': false,
      validity: 365,
      'key-length': 2048,
    })
    assert.deepEqual([created.Pinned, created.CertificateFingerprint], [false, fingerprintOf(certificates.own)])
    assert.equal(JSON.parse(created.Parameters)['pin-certificate'], false)
    assert.equal((await valueOf(created.Id)).key, undefined)
    const { results } = await api.read(`GET /ServiceKeys('${created.Id}')/Certificates`)
    assert.deepEqual(
      results.map(({ KeyId, Certificate }: Record<string, string>) => [KeyId, Certificate]),
      [[created.Id, leafOf(certificates.own)]],
    )
  })

  it('with a certificate that is not valid yet: it counts when its time comes', async () => {
    const { Id } = await instance()
    const created = await key(Id, { 'X.509': certificates.later })
    const from = new X509Certificate(certificates.later).validFromDate.getTime()
    assert.ok(from > api.time.now)
    assert.equal(created.CertificateValidFrom, `/Date(${from})/`)
  })

  it('are found by their instance, and deleted', async () => {
    const { Id } = await instance()
    const created = await key(Id)
    const found = await api.read(`GET /ServiceKeys?$filter=InstanceId eq '${Id}'`)
    assert.deepEqual([found.results.length, found.results[0].Id], [1, created.Id])
    assert.equal((await api.read(`GET /ServiceInstances('${Id}')/ServiceKeys`)).results.length, 1)
    assert.equal((await status(`DELETE /ServiceKeys('${created.Id}')`))[0], 204)
    assert.equal((await status(`GET /ServiceKeys('${created.Id}')`))[0], 404)
    assert.equal((await status(`GET /ServiceKeys('${created.Id}')/$value`))[0], 404)
  })

  it('are refused with what is wrong', async () => {
    const { Id, Name } = await instance()
    const { Id: lacking } = await instance('{"grant-types":["refresh_token"]}')
    const { Id: ofApi } = await instance('{"roles":["MonitoringDataRead"]}', 'api')
    await key(Id, {}, 'taken')
    const external = (pem: string, more = {}) => ({ 'key-type': 'certificate_external', 'X.509': pem, ...more })
    const rows: readonly (readonly [string, string, object, number, RegExp])[] = [
      ['no-such-instance', 'n', {}, 404, /Requested entity could not be found.*no service instance 'no-such-instance'/],
      [Id, 'taken', {}, 409, /has a service key 'taken' already/],
      [Id, 'x'.repeat(33), {}, 400, /1 to 32/],
      [lacking, 'n', {}, 400, /lacks the grant type client_credentials/],
      [Id, 'n', { 'key-type': 'certificate', validity: 366 }, 400, /validity needs 1 to 365 days/],
      [Id, 'n', { 'key-type': 'certificate', validity: 0 }, 400, /validity needs 1 to 365 days/],
      [Id, 'n', { 'key-type': 'certificate', 'key-length': 1024 }, 400, /2048, 3072 or 4096/],
      [Id, 'n', { 'client-secret': 'short' }, 400, /32 to 1000 characters/],
      [Id, 'n', external('garbage'), 400, /This is not a certificate: it is neither PEM nor DER/],
      [Id, 'n', external(''), 400, /This is not a certificate: it is empty/],
      [Id, 'n', external('-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----'), 400, /damaged or cut off/],
      [Id, 'n', external(certificates.privateKey), 400, /This holds a private key/],
      [Id, 'n', external(leafOf(certificates.other) + certificates.privateKey), 400, /This holds a private key/],
      [
        Id,
        'n',
        external(leafOf(certificates.own) + leafOf(certificates.other)),
        400,
        /several certificates that are no chain/,
      ],
      [Id, 'n', external(api.ca.certificate), 400, /is that of a CA, not of a client/],
      [Id, 'n', external(certificates.expired), 400, /has expired on /],
      [Id, 'n', external(certificates.server), 400, /not issued for client authentication/],
      [Id, 'n', external(certificates.weak), 400, /too weak: it is RSA of 1024 bits/],
      [Id, 'n', external(certificates.own), 409, /is registered already: .*service key 'k' of .*instance/],
      [
        ofApi,
        'n',
        external(certificates.other, { 'pin-certificate': false }),
        400,
        /pin-certificate cannot be false for the plan api/,
      ],
    ]
    for (const [InstanceId, name, parameters, code, words] of rows) {
      const body = { InstanceId, Name: name, Parameters: JSON.stringify(parameters) }
      const answer = await status('POST /ServiceKeys', body)
      assert.equal(answer[0], code, `${JSON.stringify(parameters).slice(0, 80)} ${answer[1]}`)
      assert.match(answer[1], words)
      assert.doesNotMatch(answer[1], /PRIVATE KEY/)
    }
    const [code, words] = await status('POST /ServiceKeys', {
      InstanceId: Id,
      Name: 'n',
      Parameters: '{\n"validity":}',
    })
    assert.equal(code, 400)
    assert.match(words, /line 2, column 12/)
    assert.equal((await status('POST /ServiceKeys', {}))[0], 400)
    assert.equal((await api.read(`GET /ServiceInstances('${Id}')/ServiceKeys`)).results.length, 1, Name)
  })

  it('of two unpinned ones with the same names the second is refused, naming the first', async () => {
    const [first, second] = [await api.issue('twin'), await api.issue('twin')]
    const { Id, Name } = await instance()
    await key(Id, { 'X.509': first.chain, 'pin-certificate': false }, 'first')
    const body = (pinned: boolean) => ({
      InstanceId: Id,
      Name: 'second',
      Parameters: JSON.stringify({ 'X.509': second.chain, 'pin-certificate': pinned }),
    })
    for (const pinned of [false, true]) {
      const [code, words] = await status('POST /ServiceKeys', body(pinned))
      assert.equal(code, 409)
      assert.ok(words.includes(`'first'`) && words.includes(Name), words)
    }
  })
})

describe('certificates of a key', () => {
  it('overlap: a further one counts in its window, which is set as a whole', async () => {
    const { Id } = await instance()
    const renewed = await api.issue('renewed')
    const created = await key(Id, { 'X.509': (await api.issue('renewed before')).chain })
    const from = api.time.now + day
    const added = await made('ServiceKeyCertificates', {
      KeyId: created.Id,
      Certificate: renewed.chain,
      From: `/Date(${from})/`,
    })
    assert.deepEqual([added.From, added.Until, added.KeyId], [`/Date(${from})/`, null, created.Id])
    const path = `/ServiceKeyCertificates('${added.Fingerprint}')`
    assert.equal((await status(`PUT ${path}`, { Until: `/Date(${from})/` }))[0], 204)
    const changed = await api.read(`GET ${path}`)
    assert.deepEqual([changed.From, changed.Until], [null, `/Date(${from})/`])
    assert.equal((await api.read(`GET /ServiceKeyCertificates?$filter=KeyId eq '${created.Id}'`)).results.length, 2)
    assert.equal((await status(`DELETE ${path}`))[0], 204)
    assert.equal((await status(`GET ${path}`))[0], 404)
  })

  it('are refused with what is wrong', async () => {
    const { Id } = await instance()
    const secret = await key(Id, {}, 'secret')
    const outside = (await api.issue('outside')).chain
    const external = await key(Id, { 'X.509': outside }, 'external')
    const mapped = await made('CertificateUserMappings', {
      User: 'm',
      Certificate: Buffer.from((await api.issue('mapped')).chain).toString('base64'),
    })
    const free = (await api.issue('free')).chain
    for (const [line, body, code, words] of [
      ['POST /ServiceKeyCertificates', {}, 400, /'KeyId' cannot be empty.*'Certificate' cannot be empty/],
      [
        'POST /ServiceKeyCertificates',
        { KeyId: 'none', Certificate: free },
        404,
        /Requested entity could not be found/,
      ],
      [
        'POST /ServiceKeyCertificates',
        { KeyId: secret.Id, Certificate: free },
        400,
        /only a key with external certificates/,
      ],
      ['POST /ServiceKeyCertificates', { KeyId: external.Id, Certificate: outside }, 409, /is registered already/],
      [
        'POST /ServiceKeyCertificates',
        { KeyId: external.Id, Certificate: free, From: '/Date(2000)/', Until: '/Date(1000)/' },
        400,
        /cannot be registered so/,
      ],
      ["PUT /ServiceKeyCertificates('00')", {}, 404, /Requested entity could not be found/],
      ["DELETE /ServiceKeyCertificates('00')", undefined, 404, /Requested entity could not be found/],
      // A certificate of a user is none of a key: it is not to be reached by the rights for keys.
      [
        `DELETE /ServiceKeyCertificates('${fingerprintOf(Buffer.from(mapped.Certificate, 'base64').toString())}')`,
        undefined,
        404,
        /Requested entity could not be found/,
      ],
    ] as const) {
      const answer = await status(line, body)
      assert.equal(answer[0], code, `${line} ${answer[1]}`)
      assert.match(answer[1], words)
    }
  })
})

describe('certificate-to-user mappings, as the original has them', () => {
  const encoded = (pem: string): string => Buffer.from(pem).toString('base64')
  const md5 = (pem: string): string => createHash('md5').update(new X509Certificate(pem).raw).digest('hex')

  it('are made and changed by POST, and named by MD5', async () => {
    const { chain } = await api.issue('mapped')
    const Certificate = encoded(leafOf(chain))
    const created = await made('CertificateUserMappings?user=somebody', { Id: 'wrong', User: 'myUser', Certificate })
    assert.deepEqual(
      [created.Id, created.User, created.ValidUntil, created.CreatedBy, created.Certificate],
      [md5(chain), 'myUser', null, 'ann', Certificate],
    )
    const shown = await api.read(`GET /CertificateUserMappings('${created.Id}')`)
    assert.equal(shown.ValidUntil, String(new X509Certificate(chain).validToDate.getTime()))
    assert.match(shown.CreatedTime, /^\d{13}$/)
    const again = await made('CertificateUserMappings', { User: 'other', Certificate })
    assert.deepEqual([again.Id, again.User], [created.Id, 'other'])
    const { results } = await api.read(
      "GET /CertificateUserMappings?$filter=User eq 'other'&$select=Id,User,ValidUntil",
    )
    assert.deepEqual(
      results.map(({ Id }: Record<string, string>) => Id),
      [created.Id],
    )
    assert.deepEqual((await api.read("GET /CertificateUserMappings?$filter=User eq 'myUser'")).results, [])
    assert.equal((await status(`DELETE /CertificateUserMappings('${created.Id.toUpperCase()}')`))[0], 204)
    assert.equal((await status(`GET /CertificateUserMappings('${created.Id}')`))[0], 404)
  })

  it('are refused with what is wrong', async () => {
    const used = (await api.issue('used')).chain
    const { Id } = await instance()
    await key(Id, { 'X.509': used })
    for (const [body, code, words] of [
      [{}, 400, /'User' cannot be empty.*'Certificate' cannot be empty/],
      [{ User: 'u'.repeat(151), Certificate: 'x' }, 400, /'User' is longer than 150 characters/],
      [{ User: 'u', Certificate: 'x'.repeat(8193) }, 400, /'Certificate' is longer than 8192 characters/],
      [{ User: 'u', Certificate: encoded('garbage') }, 400, /This is not a certificate/],
      [{ User: 'u', Certificate: encoded(certificates.privateKey) }, 400, /This holds a private key/],
      [{ User: 'u', Certificate: encoded(certificates.expired) }, 400, /has expired on /],
      [{ User: 'u', Certificate: encoded(certificates.weak) }, 400, /too weak/],
      [{ User: 'u', Certificate: encoded(api.ca.certificate) }, 400, /is that of a CA/],
      [{ User: 'u', Certificate: encoded(used) }, 409, /is registered already: .*service key/],
    ] as const) {
      const answer = await status('POST /CertificateUserMappings', body)
      assert.equal(answer[0], code, answer[1])
      assert.match(answer[1], words)
    }
    assert.equal((await status("DELETE /CertificateUserMappings('00')"))[0], 404)
    assert.equal((await status("PUT /CertificateUserMappings('00')", {}))[0], 405)
  })
})

for (const set of ['ChannelCertificates', 'TrustedProxies']) {
  describe(set, () => {
    it('have a name and a window', async () => {
      const { chain } = await api.issue(`of ${set}`)
      const created = await made(set, { Name: 'edge', Certificate: chain, Until: `/Date(${api.time.now + day})/` })
      const path = `/${set}('${created.Fingerprint}')`
      assert.equal((await status(`PUT ${path}`, { Name: 'edge 2' }))[0], 204)
      const changed = await api.read(`GET ${path}`)
      assert.deepEqual([changed.Name, changed.Until, changed.Certificate], ['edge 2', created.Until, leafOf(chain)])
      const { Id } = await instance()
      const [code, words] = await status('POST /ServiceKeys', {
        InstanceId: Id,
        Name: 'n',
        Parameters: JSON.stringify({ 'X.509': chain }),
      })
      assert.equal(code, 409)
      assert.ok(words.includes("'edge 2'"), words)
      assert.equal((await status(`DELETE ${path}`))[0], 204)
      assert.equal((await status(`DELETE ${path}`))[0], 404)
    })

    it('are refused with what is wrong', async () => {
      for (const [body, words] of [
        [{}, /'Name' cannot be empty.*'Certificate' cannot be empty/],
        [{ Name: 'n', Certificate: 'garbage' }, /This is not a certificate/],
        [{ Name: 'n', Certificate: certificates.privateKey }, /This holds a private key/],
        [{ Name: 'n', Certificate: certificates.expired }, /has expired/],
      ] as const) {
        const answer = await status(`POST /${set}`, body)
        assert.equal(answer[0], 400, answer[1])
        assert.match(answer[1], words)
      }
    })
  })
}
