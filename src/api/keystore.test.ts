import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { type Ask, newTestApi } from '../../test/kit/api.ts'
import { hexAliasOf, pemOf, readPkcs12, writePkcs12 } from '../keystore/index.ts'

let api: Awaited<ReturnType<typeof newTestApi>>

beforeEach(async () => {
  api = await newTestApi()
})
afterEach(() => api.dispose())

const password = 'correct horse'
const hex = hexAliasOf

async function ask(line: string, given?: Ask) {
  const { status, body, headers } = await api.ask(line, given)
  const text = String(body)
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  const json: any = text.startsWith('{') ? JSON.parse(text) : undefined
  return { status, text, headers, d: json?.d, words: json?.error?.message?.value ?? '' }
}
const statusOf = async (line: string, given?: Ask) => (await ask(line, given)).status
const aliases = async (query = '') =>
  (await ask(`GET /KeystoreEntries${query}`)).d.results.map((row: { Alias: string }) => row.Alias)

const p12 = async (name: string) => {
  const issued = await api.issue(name)
  const file = await writePkcs12({ chain: issued.chain, privateKey: issued.key, password, friendlyName: name })
  return { ...issued, file: file.toString('base64') }
}

describe('certificates', () => {
  const address = (alias: string, query = '') => `PUT /CertificateResources('${alias}')/$value${query}`
  const base64 = () => ({ body: Buffer.from(Buffer.from(api.ca.certificate).toString('base64')) })

  it('a self-signed one is answered with 409 and its fingerprints, until they are verified', async () => {
    const refused = await ask(address(hex('root')), base64())
    assert.equal(refused.status, 409)
    assert.deepEqual([refused.d.Alias, refused.d.Validity, refused.d.Status], ['root', 'notTrusted', 'notImported'])
    assert.match(refused.d.FingerprintSha256, /^[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/)
    assert.deepEqual(await aliases(), [])
    assert.equal(await statusOf(address(hex('root'), '?fingerprintVerified=true'), base64()), 204)
    assert.deepEqual(await aliases(), ['root'])
  })

  it('an alias that is there is refused with 400 unless it is an update; the list is given on request', async () => {
    await ask(address(hex('root'), '?fingerprintVerified=true'), base64())
    assert.equal(await statusOf(address(hex('root'), '?fingerprintVerified=true'), base64()), 400)
    const other = { body: Buffer.from((await api.issue('other')).chain) }
    const query = '?fingerprintVerified=true&update=true&returnKeystoreEntries=true'
    const updated = await ask(address(hex('root'), query), other)
    assert.equal(updated.status, 200)
    assert.deepEqual([updated.d.results[0].SubjectDN, updated.d.results[0].Status], ['CN=other,O=Sluice', 'updated'])
  })

  it('the key of an entry is hex of either case', async () => {
    await ask(address(hex('my:root').toLowerCase(), '?fingerprintVerified=true'), base64())
    for (const key of [hex('my:root'), hex('my:root').toLowerCase()]) {
      const { d } = await ask(`GET /KeystoreEntries('${key}')`)
      assert.deepEqual(
        [d.Alias, d.Hexalias, d.Type, d.Owner],
        ['my:root', hex('my:root'), 'Certificate', 'Tenant Administrator'],
      )
    }
    for (const key of ['zz', '', 'abc', 'C3', hex('none')])
      assert.equal(await statusOf(`GET /KeystoreEntries('${key}')`), 404, key)
  })

  it('nonsense is refused and nothing changes', async () => {
    for (const body of ['', 'nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
      assert.equal(await statusOf(address(hex('x'), '?fingerprintVerified=true'), { body: Buffer.from(body) }), 400)
    assert.equal(await statusOf(address(hex('x')), { body: Buffer.alloc(10_241) }), 413)
    assert.equal(await statusOf(address(hex('sap_x'), '?fingerprintVerified=true'), base64()), 400)
    assert.deepEqual(await aliases(), [])
  })
})

describe('entries', () => {
  const load = async (alias: string, query = '?fingerprintVerified=true') => {
    const { file } = await p12(alias)
    return ask(`POST /KeyPairResources${query}`, { body: { Alias: alias, Password: password, Resource: file } })
  }

  it('a key pair is imported and its public parts are given, in the forms of the original', async () => {
    assert.equal((await load('mine', '')).status, 409)
    assert.equal((await load('mine')).status, 204)
    const at = `GET /KeystoreEntries('${hex('mine')}')`
    const { d } = await ask(at)
    assert.deepEqual(
      [d.KeyType, d.KeySize, d.Validity, d.Version, d.SignatureAlgorithm, d.Type],
      ['RSA', 2048, 'valid', 3, 'SHA-256/ECDSA', 'Key Pair'],
    )
    assert.match(d.ValidNotAfter, /^\/Date\(\d+\)\/$/)
    assert.match(d.ChainCertificates.__deferred.uri, /ChainCertificates$/)
    const certificate = await api.ask(`${at}/Certificate/$value`)
    assert.equal(certificate.headers['content-type'], 'application/pkix-cert')
    assert.match(String(certificate.body), /^-----BEGIN CERTIFICATE-----/)
    assert.equal(String((await api.ask(`${at}/Certificate/$value?rootCA=true`)).body), api.ca.certificate)
    assert.match(String((await api.ask(`${at}/ChainResource/$value`)).body), /^-----BEGIN PKCS7-----/)
    assert.match(String((await api.ask(`${at}/Sshkey/$value`)).body), /^ssh-rsa AAAA\S+ public key for alias mine\n$/)
    const request = await api.ask(`${at}/SigningRequest/$value`)
    assert.equal(request.headers['content-type'], 'application/pkcs10')
    const chain = await ask(`${at}/ChainCertificates`)
    assert.deepEqual(
      chain.d.results.map((row: { Index: number }) => row.Index),
      [0, 1],
    )
    const answer = await api.ca.signRequest(String(request.body), { days: 5 })
    const put = `PUT /CertificateChainResources('${hex('mine')}')/$value`
    // Its CA is in the chain that is there, and vouches for it.
    assert.equal(await statusOf(put, { body: Buffer.from(answer) }), 204)
    const stranger = (await api.issue('stranger')).chain
    assert.equal(await statusOf(`${put}?fingerprintVerified=true`, { body: Buffer.from(stranger) }), 400)
  })

  it('is renamed, copied and deleted', async () => {
    await load('mine')
    const at = (alias: string, query: string) => `PUT /KeystoreEntries('${hex(alias)}')?${query}`
    assert.equal(await statusOf(at('mine', 'renameAlias=my%20key'), { body: { Hexalias: null } }), 204)
    assert.equal(await statusOf(at('my key', 'copy=true&destinationAlias=second')), 204)
    const renamed = await ask(at('second', 'renameAlias=third&returnKeystoreEntries=true'))
    assert.equal(renamed.d.results[0].Hexalias, hex('third'))
    assert.deepEqual(await aliases(), ['my key', 'third'])
    assert.equal(await statusOf(at('third', 'renameAlias=my%20key')), 400)
    assert.equal(await statusOf(at('third', 'renameAlias=sap1')), 400)
    assert.equal(await statusOf(at('third', '')), 400)
    assert.equal(await statusOf(`DELETE /KeystoreEntries('${hex('third')}')`), 204)
    assert.equal(await statusOf(`DELETE /KeystoreEntries('${hex('third')}')`), 404)
    const line = `DELETE /KeystoreEntries('${hex('my key')}')?returnKeystoreEntries=true`
    assert.equal((await ask(line)).d.results[0].Status, 'removed')
  })

  it('many are deleted at once; what is left is told', async () => {
    for (const alias of ['a', 'b;\\c']) await load(alias)
    const line = `PUT /KeystoreResources('system')?deleteEntries=true`
    const { status, d } = await ask(line, { body: { Aliases: 'a;b\\;\\\\c;none' } })
    assert.equal(status, 200)
    assert.deepEqual(
      d.results.map((row: { Alias: string; Status: string }) => [row.Alias, row.Status.slice(0, 11)]),
      [
        ['a', 'removed'],
        ['b;\\c', 'removed'],
        ['none', 'not removed'],
      ],
    )
    assert.deepEqual(await aliases(), [])
  })

  it('the roles decide who reads and who changes', async () => {
    const reading = { roles: ['MonitoringDataRead'] }
    await load('mine')
    assert.equal(await statusOf('GET /KeystoreEntries', reading), 200)
    for (const line of [
      `DELETE /KeystoreEntries('${hex('mine')}')`,
      'POST /KeystoreResources',
      `PUT /KeystoreResources('system')`,
      'POST /KeyPairGenerationRequests',
      `PUT /CertificateResources('${hex('x')}')/$value`,
      "POST /ExportKeyPair?Alias='mine'",
    ])
      assert.equal(await statusOf(line, { ...reading, body: {} }), 403, line)
    assert.equal(await statusOf('GET /KeystoreEntries', { roles: ['WorkspacePackagesRead'] }), 403)
    const refused = await ask("POST /ExportKeyPair?Alias='mine'", { body: { Password: password } })
    assert.deepEqual([refused.status, /settings do not allow/.test(refused.words)], [403, true])
  })
})

describe('key pairs', () => {
  const subject = { CommonName: 'me', Country: 'DE' }

  it('are generated with the parameters of the original', async () => {
    const body = {
      Hexalias: 'x',
      Alias: 'ec',
      KeyType: 'EC',
      KeySize: 300,
      SignatureAlgorithm: 'SHA384/ECDSA',
      ...subject,
    }
    assert.equal(await statusOf('POST /KeyPairGenerationRequests', { body }), 204)
    assert.equal(await statusOf('POST /KeyPairGenerationRequests', { body }), 400)
    const { d } = await ask(`GET /KeystoreEntries('${hex('ec')}')`)
    assert.deepEqual([d.KeySize, d.SubjectDN, d.SignatureAlgorithm], [384, 'CN=me,C=DE', 'SHA-384/ECDSA'])
    const again = { ...body, Alias: 'rsa', KeyType: 'RSA', KeySize: 2048, SignatureAlgorithm: 'SHA-512/RSA' }
    const { status, d: answer } = await ask('POST /KeyPairGenerationRequests?returnKeystoreEntries=true', {
      body: again,
    })
    assert.deepEqual([status, answer.results[0].Status, answer.results[0].KeySize], [200, 'created', 2048])
  })

  it('that are not secure, or asked for wrongly, are refused with all reasons', async () => {
    for (const [body, words] of [
      [{ KeyType: 'DSA' }, /DSA/],
      [{ KeySize: 1024 }, /1024/],
      [{ KeyType: 'EC', KeySize: 192 }, /192/],
      [{ SignatureAlgorithm: 'SHA-1/RSA' }, /SHA-1/],
      [{ KeyType: 'EC', KeyAlgorithmParameter: 'secp256k1' }, /secp256k1/],
      [{ CommonName: '', Country: '1' }, /common name.*country/],
      [{ ValidNotBefore: '/Date(1000)/', ValidNotAfter: '/Date(2000)/' }, /ended already/],
      [{ CommonName: 'a\u0000b' }, /control/],
    ] as const) {
      const refused = await ask('POST /KeyPairGenerationRequests', { body: { Alias: 'x', ...subject, ...body } })
      assert.deepEqual([refused.status, words.test(refused.words)], [400, true], refused.words)
    }
    assert.deepEqual(await aliases(), [])
  })

  it('for SSH and RSA come from files, and SSH keys are made as well', async () => {
    const { key } = await api.issue('x')
    const pkcs1 = createPrivateKey(key).export({ type: 'pkcs1', format: 'pem' }).toString()
    const rsa = { Alias: 'rsa', RSAFile: Buffer.from(pkcs1).toString('base64'), ...subject }
    assert.equal(await statusOf('POST /RSAKeyGenerationRequests', { body: rsa }), 204)
    const ssh = { Alias: 'id_rsa', SSHFile: pkcs1, ...subject }
    const { status, d } = await ask('POST /SSHKeyGenerationRequests', { body: ssh })
    assert.deepEqual([status, d.results[0].Type], [200, 'SSH Key'])
    const made = await ask('POST /SSHKeyGenerationRequests', { body: { Alias: 'ed', KeyType: 'Ed25519', ...subject } })
    assert.equal(made.d.results[0].KeyType, 'Ed25519')
    assert.equal(await statusOf(`GET /KeystoreEntries('${hex('id_rsa')}')/SigningRequest/$value`), 409)
    assert.equal(
      await statusOf('POST /SSHKeyGenerationRequests', { body: { ...ssh, Alias: 'y', SSHFile: 'zzzz' } }),
      400,
    )
    assert.equal(pemOf((await api.services.keystore.lend('rsa')).key), key)
  })
})

describe('whole keystores', () => {
  it('are imported, with what became of each entry, and given without passwords and keys', async () => {
    const { file, key } = await p12('one')
    const body = { Name: 'system', Resource: file, Password: password }
    const line = 'POST /KeystoreResources?returnKeystoreEntries=true'
    const statuses = async (query: string, more = {}) =>
      (await ask(`${line}${query}`, { body: { ...body, ...more } })).d.results.map(
        (row: { Alias: string; Status: string }) => `${row.Alias} ${row.Status}`,
      )
    assert.deepEqual(await statuses(''), ['one created'])
    assert.deepEqual(await statuses('&importOption=merge'), ['one unchanged'])
    const other = (await p12('one')).file
    assert.match((await statuses('&importOption=merge', { Resource: other }))[0], /^one not imported: .*already/)
    assert.deepEqual(await statuses('&importOption=overwrite', { Resource: other }), ['one updated'])
    const two = (await p12('two')).file
    assert.deepEqual(await statuses('&importOption=replace', { Resource: two }), ['two created', 'one removed'])
    assert.equal(await statusOf('POST /KeystoreResources', { body: { ...body, Password: 'wrong one' } }), 400)
    assert.equal(await statusOf('POST /KeystoreResources?importOption=all', { body }), 400)
    assert.deepEqual(await aliases(), ['two'])
    const { d } = await ask("GET /KeystoreResources('system')")
    assert.equal(d.Password, null)
    assert.equal(Buffer.from(d.Resource, 'base64').readUInt32BE(), 0xcececece)
    assert.ok(
      !Buffer.from(d.Resource, 'base64').includes(
        createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }).subarray(100, 200),
      ),
    )
  })

  it('are backed up, shown and restored', async () => {
    assert.equal(await statusOf("PUT /KeystoreResources('system')?retrieveBackup=true"), 404)
    const { file } = await p12('one')
    await ask('POST /KeystoreResources', { body: { Name: 'system', Resource: file, Password: password } })
    assert.equal(await statusOf('POST /KeystoreResources', { body: { Name: 'backup_admin_system' } }), 204)
    await ask(`DELETE /KeystoreEntries('${hex('one')}')`)
    assert.deepEqual(await aliases('?keystoreName=backup_admin_system'), ['one'])
    assert.equal(
      await statusOf(`GET /KeystoreEntries('${hex('one')}')/Certificate/$value?keystoreName=backup_admin_system`),
      200,
    )
    assert.equal(await statusOf("PUT /KeystoreResources('system')?retrieveBackup=true"), 204)
    assert.deepEqual(await aliases(), ['one'])
    const whole = await ask("GET /Keystores('system')?$expand=Entries&$select=LastModifiedTime,Entries")
    assert.deepEqual(
      whole.d.Entries.results.map((row: { Alias: string }) => row.Alias),
      ['one'],
    )
    assert.equal((await ask("GET /Keystores('system')/Size/$value")).text, String(api.services.keystore.size()))
    assert.equal(await statusOf('GET /KeystoreEntries?keystoreName=other'), 404)
  })
})

describe('keys of the system', () => {
  const alias = 'sap_cloudintegrationcertificate'

  it('are renewed, activated and taken from the history', async () => {
    const { keystore } = api.services
    await keystore.maintain(api.ca)
    const first = (await ask(`GET /KeystoreEntries('${hex(alias)}')`)).d
    assert.equal(first.Owner, 'SAP')
    assert.equal(await statusOf(`DELETE /KeystoreEntries('${hex(alias)}')`), 403)
    api.time.now += 310 * 86_400_000
    await keystore.maintain(api.ca)
    assert.deepEqual(await aliases('?keystoreName=KeyRenewal'), [alias])
    const activate = `DELETE /KeystoreEntries('${hex(alias)}')?keystoreName=KeyRenewal&activate=true`
    assert.equal(await statusOf(activate), 204)
    const { d } = await ask('GET /HistoryKeystoreEntries')
    const [old] = d.results
    assert.equal(old.SerialNumber, first.SerialNumber)
    assert.equal(await statusOf(`PUT /HistoryKeystoreEntries('${old.Hexalias}')?copy=true&destinationAlias=mine`), 400)
    const line = `PUT /HistoryKeystoreEntries('${old.Hexalias}')?copy=true&destinationAlias=${alias}`
    assert.equal(await statusOf(line), 204)
    assert.equal(await statusOf(activate), 204)
    assert.equal((await ask(`GET /KeystoreEntries('${hex(alias)}')`)).d.SerialNumber, first.SerialNumber)
  })
})

describe('private keys', () => {
  it('are given only where the setting allows it', async () => {
    const { file, key } = await p12('one')
    await ask('POST /KeystoreResources', { body: { Name: 'system', Resource: file, Password: password } })
    const line = "POST /ExportKeyPair?Alias='one'"
    assert.equal(await statusOf(line, { body: { Password: password } }), 403)
    await assert.rejects(readPkcs12(Buffer.from(file, 'base64'), 'another one'))
    assert.ok(!JSON.stringify(await api.read('GET /KeystoreEntries')).includes(key.split('\n')[3] ?? 'x'))
  })
})
