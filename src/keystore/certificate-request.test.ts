import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { systemClock } from '../base/index.ts'
import { type BuiltInCa, createBuiltInCa, openBuiltInCa } from './built-in-ca.ts'
import { factsOf, readCertificates } from './certificates.ts'
import { loadX509 } from './x509-library.ts'

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Uint8Array.of(1, 0, 1), modulusLength: 2048 }
const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

let ca: BuiltInCa
let authority: X509Certificate

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  authority = new X509Certificate(made.chain)
})

/** A request in DER as its owner makes it: asks to be a CA for another host. */
async function request(name: string, algorithm: object = ec): Promise<Buffer> {
  const x509 = await loadX509()
  const keys = await crypto.subtle.generateKey(algorithm as never, true, ['sign', 'verify'])
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, 3, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'bank.example' }]),
    ],
  })
  return Buffer.from(made.rawData)
}

const pem = (bytes: Uint8Array, type = 'CERTIFICATE REQUEST'): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${type}-----\n`

const codeOf = (input: string | Uint8Array, given: { days?: number; commonName?: string } = {}): Promise<string> =>
  ca.signRequest(input, { days: 30, ...given }).then(
    () => 'none',
    (error: { code: string }) => error.code,
  )

describe('signing a request', () => {
  const kinds: [string, object, string][] = [
    ['RSA 2048', rsa, 'RSA 2048'],
    ['P-256', ec, 'EC prime256v1'],
    ['P-384', { ...ec, namedCurve: 'P-384', hash: 'SHA-384' }, 'EC secp384r1'],
    ['P-521', { ...ec, namedCurve: 'P-521', hash: 'SHA-512' }, 'EC secp521r1'],
    ['Ed25519', { name: 'Ed25519' }, 'ED25519'],
  ]
  for (const [name, algorithm, keyType] of kinds) {
    it(`gives a client certificate for a key of ${name}, and nothing that was asked for besides`, async () => {
      const chain = await ca.signRequest(pem(await request('CN=erp, OU=Sales, O=ACME', algorithm)), { days: 30 })
      const [leaf, issuer, ...others] = readCertificates(chain)
      assert.ok(leaf !== undefined && issuer !== undefined && others.length === 0)
      const { subject, isAuthority, forClients, keyType: is, validTo } = factsOf(leaf)
      assert.deepEqual([subject, isAuthority, forClients, is], ['O=ACME,OU=Sales,CN=erp', false, true, keyType])
      assert.equal(leaf.subjectAltName, undefined)
      assert.ok(leaf.verify(authority.publicKey) && issuer.fingerprint256 === authority.fingerprint256)
      assert.ok(Math.abs(validTo - Date.now() - 30 * 86_400_000) < 600_000)
    })
  }

  it('takes another common name and keeps the rest', async () => {
    const chain = await ca.signRequest(await request('CN=erp, O=ACME'), { days: 1, commonName: 'sb-1!b2' })
    assert.match(new X509Certificate(chain).subject, /^O=ACME\nCN=sb-1!b2$/)
    const unnamed = await ca.signRequest(await request('O=ACME'), { days: 1, commonName: 'x' })
    assert.equal(new X509Certificate(unnamed).subject, 'O=ACME\nCN=x')
  })

  it('takes DER, PEM of the old name, and PEM in one line', async () => {
    const der = await request('CN=a')
    const spelled = pem(der).replaceAll('\n', String.raw`\n`)
    for (const input of [der, pem(der, 'NEW CERTIFICATE REQUEST'), spelled]) assert.equal(await codeOf(input), 'none')
  })

  it('refuses what is no request', async () => {
    const der = await request('CN=a')
    const cases: [string, string | Uint8Array, RegExp][] = [
      ['nothing', '', /it is empty/],
      ['text', 'hello', /neither PEM nor DER/],
      ['a private key', pem(Buffer.from('x'), 'PRIVATE KEY'), /private key/],
      ['a certificate', ca.certificate, /certificate already/],
      ['a certificate in DER', authority.raw, /of another format/],
      ['half of one', der.subarray(0, 100), /cut off/],
      ['too much', Buffer.alloc(100_000, 0x30), /larger than/],
    ]
    for (const [what, input, words] of cases)
      await assert.rejects(
        ca.signRequest(input, { days: 1 }),
        { code: 'keystore.requestUnreadable', message: words },
        what,
      )
  })

  it('refuses a request that was changed after it was signed', async () => {
    const der = await request('CN=alice')
    der.write('malloy'.slice(0, 5), der.indexOf('alice'), 'latin1')
    assert.equal(await codeOf(der), 'keystore.requestRefused')
  })

  it('refuses weak keys and old signatures', async () => {
    const weak = [
      { ...rsa, modulusLength: 1024 },
      { ...rsa, publicExponent: Uint8Array.of(3) },
      { ...rsa, hash: 'SHA-1' },
    ]
    for (const algorithm of weak)
      assert.equal(await codeOf(await request('CN=a', algorithm)), 'keystore.requestRefused', JSON.stringify(algorithm))
  })

  it('refuses subjects that name nobody, two, or the CA itself', async () => {
    const own = authority.subject.split('\n').reverse().join(', ')
    for (const name of ['O=ACME', 'CN=a+CN=b', `CN=${'x'.repeat(65)}`, own.split(', ').reverse().join(', ')])
      assert.equal(await codeOf(await request(name)), 'keystore.requestRefused', name)
    assert.equal(await codeOf(await request('CN=a'), { commonName: '' }), 'keystore.requestRefused')
  })

  it('refuses validity outside 1 to 365 days', async () => {
    const der = await request('CN=a')
    for (const days of [0, 366, 1.5, Number.NaN]) assert.equal(await codeOf(der, { days }), 'keystore.validityUnfit')
  })
})
