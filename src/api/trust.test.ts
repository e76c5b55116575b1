import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { answersOf } from '../../test/kit/api-answers.ts'
import { loadX509 } from '../keystore/x509-library.ts'

const api = await newTestApi()
after(api.dispose)
const { made, status } = answersOf(api)
const day = 86_400_000

const leafOf = (chain: string): string => new X509Certificate(chain).toString()
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()

const { chain: own, key: privateKey } = await api.issue('own')
const { chain: expired } = await api.issue('expired', { days: 1, now: api.time.now - 10 * day })
const { chain: weak } = await api.issue('weak', { keySize: 1024 })

describe('trust anchors', () => {
  it('are shown with what they say, and given as .cer files', async () => {
    const { certificate } = api.ca
    const created = await made('TrustAnchors', { Certificate: certificate, Name: 'Own CA' })
    const facts = new X509Certificate(certificate)
    assert.deepEqual(
      [created.Kind, created.Name, created.Origin, created.Fingerprint, created.ValidTo],
      ['ca', 'Own CA', 'administrator', fingerprintOf(certificate), `/Date(${facts.validToDate.getTime()})/`],
    )
    const path = `/TrustAnchors('${created.Fingerprint}')`
    const media = await api.ask(`GET ${path}/$value`)
    assert.deepEqual(
      [media.headers['content-type'], media.headers['content-disposition']],
      ['application/pkix-cert', 'attachment; filename="Own CA.cer"'],
    )
    assert.deepEqual(media.body, facts.raw)
    assert.equal((await status(`PUT ${path}`, { Name: 'Renamed' }))[0], 204)
    assert.equal((await api.read(`GET ${path}`)).Name, 'Renamed')
    const [code, words] = await status('POST /TrustAnchors', { Certificate: certificate })
    assert.equal(code, 409)
    assert.match(words, /is a trust anchor already: 'Renamed'/)
    assert.equal((await status(`DELETE ${path}`))[0], 204)
    assert.equal((await status(`GET ${path}/$value`))[0], 404)
  })

  it('are refused with what is wrong', async () => {
    for (const [Certificate, words] of [
      ['', /'Certificate' cannot be empty/],
      ['garbage', /This is not a certificate/],
      [privateKey, /This holds a private key/],
      [own, /these are 2 certificates: give one at a time/],
      [leafOf(expired), /has expired on /],
      [leafOf(weak), /too weak/],
    ] as const) {
      const answer = await status('POST /TrustAnchors', { Certificate })
      assert.equal(answer[0], 400, answer[1])
      assert.match(answer[1], words)
    }
  })
})

/** A revocation list of the CA `CN=Lists`, which nobody needs to know. */
async function revocationList(thisUpdate: number): Promise<string> {
  const { X509CrlGenerator } = await loadX509()
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
  const crl = await X509CrlGenerator.create({
    issuer: 'CN=Lists',
    thisUpdate: new Date(thisUpdate),
    nextUpdate: new Date(thisUpdate + day),
    entries: [{ serialNumber: '0a', revocationDate: new Date(thisUpdate) }],
    signingAlgorithm,
    signingKey: privateKey,
  })
  // RFC 7468 names a list `X509 CRL`, the library does not.
  return crl.toString('pem').replaceAll(/(?<=BEGIN |END )CRL/g, 'X509 CRL')
}

it('revocation lists are shown with their dates, given back as DER, and replaced by newer ones', async () => {
  const first = api.time.now - 2 * day
  const pem = await revocationList(first)
  const created = await made('CertificateRevocationLists', { RevocationList: pem })
  assert.deepEqual(
    [created.Issuer, created.ThisUpdate, created.NextUpdate, created.RevocationList],
    ['CN=Lists', `/Date(${first})/`, `/Date(${first + day})/`, null],
  )
  const media = await api.ask(`GET /CertificateRevocationLists('${created.Fingerprint}')/$value`)
  assert.equal(media.headers['content-type'], 'application/pkix-crl')
  assert.equal(createHash('sha256').update(media.body).digest('hex'), created.Fingerprint)
  const newer = await made('CertificateRevocationLists', { RevocationList: await revocationList(first + day) })
  const { results } = await api.read('GET /CertificateRevocationLists')
  assert.deepEqual(
    results.map(({ Fingerprint }: Record<string, string>) => Fingerprint),
    [newer.Fingerprint],
  )
  const [code, words] = await status('POST /CertificateRevocationLists', { RevocationList: pem })
  assert.equal(code, 409)
  assert.match(words, /is not newer than/)
  assert.equal((await status(`DELETE /CertificateRevocationLists('${newer.Fingerprint}')`))[0], 204)
})

it('revocation lists are refused with what is wrong', async () => {
  for (const [body, words] of [
    [{}, /'RevocationList' cannot be empty/],
    [{ RevocationList: 'garbage' }, /This is not a certificate revocation list/],
    [{ RevocationList: own }, /This is not a certificate revocation list/],
  ] as const) {
    const answer = await status('POST /CertificateRevocationLists', body)
    assert.equal(answer[0], 400, answer[1])
    assert.match(answer[1], words)
  }
  assert.equal((await status("GET /CertificateRevocationLists('00')/$value"))[0], 404)
  assert.equal((await status("DELETE /CertificateRevocationLists('00')"))[0], 404)
})
