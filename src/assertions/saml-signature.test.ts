import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { before, describe, it } from 'node:test'

import {
  minute,
  newSigner,
  noon,
  outcomeOf,
  storedCertificate,
  testAudience,
  testProvider,
  testReader,
  type TestSigner,
} from '../../test/kit/assertions.ts'
import { encoded, type Forgery, forged, samlTransforms, transform } from '../../test/kit/forged-saml.ts'
import type { IdentityProvider } from '../identity/index.ts'

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const xmldsig = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const prefixes = (list: string): string =>
  `<i:InclusiveNamespaces xmlns:i="${exclusive}" PrefixList="${list}"></i:InclusiveNamespaces>`
const enveloped = transform(`${xmldsig}enveloped-signature`)

describe('the signature of a SAML assertion', () => {
  const signers: Record<string, TestSigner> = {}
  let provider: IdentityProvider
  const signerOf = (name: string): TestSigner => signers[name] ?? assert.fail(name)
  const read = async (xml: string, given: Partial<IdentityProvider> = {}): Promise<string> =>
    outcomeOf(await testReader({ ...provider, ...given }).saml(encoded(xml), testAudience))
  const certificatesOf = (...names: string[]) => names.map((name) => storedCertificate(signerOf(name).certificate))

  before(async () => {
    for (const kind of ['rsa', 'P-256', 'P-384', 'P-521', 'ed25519', 'rsa1024'] as const)
      signers[kind] = await newSigner(kind)
    signers['other'] = await newSigner('rsa')
    signers['ended'] = await newSigner('rsa', { until: noon - minute })
    provider = testProvider({ certificates: certificatesOf('rsa') })
  })

  const kinds: [string, string, string][] = [
    ['RS256', 'rsa', `${more}rsa-sha256`],
    ['RS384', 'rsa', `${more}rsa-sha384`],
    ['RS512', 'rsa', `${more}rsa-sha512`],
    ['PS256', 'rsa', 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1'],
    ['PS384', 'rsa', 'http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1'],
    ['PS512', 'rsa', 'http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1'],
    ['ES256', 'P-256', `${more}ecdsa-sha256`],
    ['ES384', 'P-384', `${more}ecdsa-sha384`],
    ['ES512', 'P-521', `${more}ecdsa-sha512`],
    ['EdDSA', 'ed25519', 'http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519'],
  ]
  for (const [by, kind, method] of kinds) {
    it(`counts by ${by} where the provider may use it, and only there`, async () => {
      const given = { certificates: certificatesOf(kind), algorithms: [by] }
      assert.equal(await read(forged(signerOf(kind), { by, method }), given), 'user alice@example.com')
      const others = kinds.map(([name]) => name).filter((name) => name !== by)
      assert.equal(
        await read(forged(signerOf(kind), { by, method }), { ...given, algorithms: others }),
        'saml.signatureAlgorithm',
      )
    })
  }

  const rightly: [string, Forgery, Partial<IdentityProvider>?][] = [
    ['a digest by SHA-384', { digestMethod: `${more}sha384` }],
    ['a digest by SHA-512', { digestMethod: 'http://www.w3.org/2001/04/xmlenc#sha512' }],
    [
      'canonicalization with comments, where there are none',
      { canonicalization: `${exclusive}WithComments`, transforms: enveloped + transform(`${exclusive}WithComments`) },
    ],
    ['prefixes that are kept', { transforms: enveloped + transform(exclusive, prefixes('xs saml #default')) }],
    [
      'KeyInfo of a certificate that nobody knows',
      { keyInfo: '<ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo>' },
    ],
    ['KeyInfo with a name', { keyInfo: '<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>' }],
    [
      'a signature in lines',
      {
        signature: (xml) => xml.replace(/(?<=<ds:SignatureValue>)[^<]+/, (value) => value.replaceAll(/.{64}/g, '$&\n')),
      },
    ],
    [
      'SHA-1, where the provider may use it',
      { by: 'RS1', method: `${xmldsig}rsa-sha1`, digestMethod: `${xmldsig}sha1` },
      { sha1: true },
    ],
  ]
  for (const [what, forgery, given] of rightly)
    it(`counts with ${what}`, async () =>
      assert.equal(await read(forged(signerOf('rsa'), forgery), given), 'user alice@example.com'))

  const secondReference = `<ds:Reference URI="#_b"><ds:Transforms>${samlTransforms}</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>`
  const badly: [string, string, Forgery][] = [
    ['no signature', 'saml.signature.missing', { place: (xml) => xml }],
    [
      'a signature of another namespace',
      'saml.signature.missing',
      { signature: (xml) => xml.replaceAll(`${xmldsig}"`, 'urn:x"') },
    ],
    ['two signatures', 'saml.signature.count', { signature: (xml) => xml + xml }],
    [
      'a second signature at the end',
      'saml.signature.count',
      {
        after: (xml) =>
          xml.replace('</saml:Assertion>', `${/<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0]}</saml:Assertion>`),
      },
    ],
    [
      'a signature at the end',
      'saml.signature.place',
      { place: (xml, part) => xml.replace('</saml:Assertion>', `${part}</saml:Assertion>`) },
    ],
    [
      'a signature before Issuer',
      'saml.signature.place',
      { place: (xml, part) => xml.replace('<saml:Issuer>', `${part}<saml:Issuer>`) },
    ],
    [
      'a signature inside of Subject',
      'saml.signature.place',
      { place: (xml, part) => xml.replace('<saml:Subject>', `<saml:Subject>${part}`) },
    ],
    [
      'a signature inside of NameID',
      'saml.signature.place',
      { place: (xml, part) => xml.replace('</saml:NameID>', `${part}</saml:NameID>`) },
    ],
    [
      'a signature inside of Advice',
      'saml.signature.place',
      { place: (xml, part) => xml.replace('</saml:Issuer>', `</saml:Issuer><saml:Advice>${part}</saml:Advice>`) },
    ],
    ['an Object', 'saml.signature.content', { extra: '<ds:Object>x</ds:Object>' }],
    ['a Manifest', 'saml.signature.content', { extra: '<ds:Object><ds:Manifest/></ds:Object>' }],
    ['two KeyInfo', 'saml.signature.content', { keyInfo: '<ds:KeyInfo/><ds:KeyInfo/>' }],
    [
      'two SignatureValue',
      'saml.signature.content',
      {
        signature: (xml) =>
          xml.replace('</ds:Signature>', '<ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>'),
      },
    ],
    [
      'two SignedInfo',
      'saml.signature.content',
      { signature: (xml) => xml.replace(/<ds:SignedInfo.*<\/ds:SignedInfo>/s, '$&$&') },
    ],
    [
      'no SignatureValue',
      'saml.signature.content',
      { signature: (xml) => xml.replace(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s, '') },
    ],
    [
      'an empty SignatureValue',
      'saml.signature.content',
      { signature: (xml) => xml.replace(/(?<=<ds:SignatureValue>)[^<]+/, '') },
    ],
    [
      'a SignatureValue that is no base64',
      'saml.signature.content',
      { signature: (xml) => xml.replace(/(?<=<ds:SignatureValue>)[^<]+/, 'a.b') },
    ],
    [
      'a SignatureValue with an element in it',
      'saml.signature.content',
      { signature: (xml) => xml.replace('<ds:SignatureValue>', '<ds:SignatureValue><a/>') },
    ],
    ['a DigestValue that is no base64', 'saml.signature.content', { digest: '%%%' }],
    ['a DigestValue with an element in it', 'saml.signature.content', { digest: 'AAAA<a/>' }],
    [
      'a length of the HMAC',
      'saml.signature.content',
      { methodContent: '<ds:HMACOutputLength>0</ds:HMACOutputLength>' },
    ],
    ['something in the canonicalization', 'saml.signature.content', { canonicalizationContent: '<x/>' }],
    [
      'thousands of prefixes that are kept',
      'saml.signature.content',
      { transforms: enveloped + transform(exclusive, prefixes('p '.repeat(5000))) },
    ],
    [
      'something in the exclusive transform',
      'saml.signature.content',
      { transforms: enveloped + transform(exclusive, '<x/>') },
    ],
    ['inclusive canonicalization', 'saml.canonicalization', { canonicalization: inclusive }],
    ['no canonicalization', 'saml.canonicalization', { canonicalization: '' }],
    ['canonicalization by an address', 'saml.canonicalization', { canonicalization: 'https://evil.example/c14n' }],
    ['no Reference', 'saml.reference', { signature: (xml) => xml.replace(/<ds:Reference.*<\/ds:Reference>/s, '') }],
    ['two References', 'saml.reference', { references: secondReference }],
    ['an empty Reference', 'saml.reference', { reference: '' }],
    ['a Reference to another ID', 'saml.reference', { reference: '#_other' }],
    ['a Reference by XPointer', 'saml.reference', { reference: "#xpointer(id('_a1'))" }],
    ['a Reference to everything', 'saml.reference', { reference: '#xpointer(/)' }],
    ['a Reference to an address', 'saml.reference', { reference: 'https://evil.example/#_a1' }],
    ['a Reference with a fragment in another case', 'saml.reference', { reference: '#_A1' }],
    ['a Reference to a file', 'saml.reference', { reference: 'file:///etc/passwd' }],
    ['no transforms', 'saml.transforms', { transforms: '' }],
    ['the enveloped transform alone', 'saml.transforms', { transforms: enveloped }],
    ['the exclusive transform alone', 'saml.transforms', { transforms: transform(exclusive) }],
    ['transforms the other way round', 'saml.transforms', { transforms: transform(exclusive) + enveloped }],
    [
      'inclusive canonicalization of the assertion',
      'saml.transforms',
      { transforms: enveloped + transform(inclusive) },
    ],
    ['a third transform', 'saml.transforms', { transforms: samlTransforms + transform(exclusive) }],
    ['a thousand transforms', 'saml.transforms', { transforms: samlTransforms + transform(exclusive).repeat(500) }],
    [
      'an XPath transform',
      'saml.transforms',
      {
        transforms:
          transform(
            'http://www.w3.org/TR/1999/REC-xpath-19991116',
            '<ds:XPath>count(//. | //@* | //namespace::*)</ds:XPath>',
          ) + transform(exclusive),
      },
    ],
    [
      'an XPath filter',
      'saml.transforms',
      { transforms: enveloped + transform('http://www.w3.org/2002/06/xmldsig-filter2', '<a/>') },
    ],
    [
      'an XSLT transform',
      'saml.transforms',
      { transforms: transform('http://www.w3.org/TR/1999/REC-xslt-19991116', '<a/>') + transform(exclusive) },
    ],
    ['a base64 transform', 'saml.transforms', { transforms: enveloped + transform(`${xmldsig}base64`) }],
    [
      'a parameter of the enveloped transform',
      'saml.transforms',
      { transforms: transform(`${xmldsig}enveloped-signature`, '<a/>') + transform(exclusive) },
    ],
    [
      'HMAC with the certificate as its secret',
      'saml.signatureAlgorithm',
      {
        method: `${xmldsig}hmac-sha1`,
        by: (info) => createHmac('sha1', signerOf('rsa').certificate).update(info).digest(),
      },
    ],
    [
      'HMAC with SHA-256',
      'saml.signatureAlgorithm',
      {
        method: `${more}hmac-sha256`,
        by: (info) => createHmac('sha256', signerOf('rsa').certificate).update(info).digest(),
      },
    ],
    ['RSA with SHA-1', 'saml.signatureAlgorithm', { method: `${xmldsig}rsa-sha1`, by: 'RS1' }],
    ['RSA with MD5', 'saml.signatureAlgorithm', { method: `${more}rsa-md5` }],
    ['DSA with SHA-1', 'saml.signatureAlgorithm', { method: `${xmldsig}dsa-sha1` }],
    ['no signature algorithm', 'saml.signatureAlgorithm', { method: '' }],
    ['a JOSE name as algorithm', 'saml.signatureAlgorithm', { method: 'RS256' }],
    ['an algorithm named as a member of all objects', 'saml.signatureAlgorithm', { method: 'constructor' }],
    ['a digest by SHA-1', 'saml.digestAlgorithm', { digestMethod: `${xmldsig}sha1` }],
    ['a digest by MD5', 'saml.digestAlgorithm', { digestMethod: `${more}md5` }],
    ['a digest named as a member of all objects', 'saml.digestAlgorithm', { digestMethod: 'constructor' }],
    ['a digest of something else', 'saml.digest', { digested: 'x' }],
    ['a digest that is cut', 'saml.digest', { digest: 'AAAA' }],
    ['another user', 'saml.digest', { after: (xml) => xml.replace('alice@', 'admin@') }],
    [
      'an attribute more',
      'saml.digest',
      {
        after: (xml) =>
          xml.replace(
            '<saml:AttributeStatement>',
            '<saml:AttributeStatement><saml:Attribute Name="admin"><saml:AttributeValue>1</saml:AttributeValue></saml:Attribute>',
          ),
      },
    ],
    ['a later end', 'saml.digest', { after: (xml) => xml.replaceAll('12:05:00', '12:55:00') }],
    ['another ID, with a fitting reference', 'saml.digest', { after: (xml) => xml.replaceAll('_a1', '_a2') }],
    [
      'indentation after signing',
      'saml.digest',
      { after: (xml) => xml.replace('<saml:Subject>', '\n  <saml:Subject>') },
    ],
    [
      'a default namespace after signing, which changes names without a prefix',
      'saml.digest',
      {
        before: (xml) => xml.replace('</saml:AttributeStatement>', '<x></x></saml:AttributeStatement>'),
        after: (xml) => xml.replace('<saml:Assertion ', '<saml:Assertion xmlns="urn:evil" '),
      },
    ],
    ['a key that nobody knows', 'saml.signature', { by: (info) => Buffer.from(info.subarray(0, 256)) }],
    [
      'a signature over what is not canonical',
      'saml.signature',
      { signature: (xml) => xml.replace('<ds:SignatureMethod', '\n<ds:SignatureMethod') },
    ],
    [
      'a digest exchanged together with the content',
      'saml.signature',
      {
        after: (xml) =>
          forged(signerOf('other'), { draft: { subject: { nameId: 'admin' } } }).replace(
            /(?<=<ds:SignatureValue>)[^<]+/,
            /(?<=<ds:SignatureValue>)[^<]+/.exec(xml)?.[0] ?? '',
          ),
      },
    ],
  ]
  for (const [what, check, forgery] of badly)
    it(`is refused for ${what}: ${check}`, async () =>
      assert.equal(await read(forged(signerOf('rsa'), forgery)), check))

  it('counts by each of several certificates in its own time', async () => {
    const xml = forged(signerOf('rsa'))
    const [rsa, other] = [signerOf('rsa').certificate, signerOf('other').certificate]
    const cases: [string, IdentityProvider['certificates']][] = [
      ['user alice@example.com', [storedCertificate(other), storedCertificate(rsa)]],
      ['user alice@example.com', [storedCertificate(rsa, { from: noon - minute, until: noon + minute })]],
      ['saml.certificate', [storedCertificate(rsa, { from: noon + minute })]],
      ['saml.certificate', [storedCertificate(rsa, { until: noon - minute })]],
      ['saml.signature', [storedCertificate(rsa, { until: noon - minute }), storedCertificate(other)]],
      ['saml.signature', [storedCertificate(other)]],
      ['saml.certificate', []],
      ['saml.certificate', [{ ...storedCertificate(rsa), pem: 'x' }]],
    ]
    for (const [expected, certificates] of cases) assert.equal(await read(xml, { certificates }), expected)
    assert.equal(await read(forged(signerOf('ended')), { certificates: certificatesOf('ended') }), 'saml.certificate')
  })

  it('never counts by a key that is too short, or of another kind or curve', async () => {
    const short = forged(signerOf('rsa'), { by: (info) => Buffer.from(info) })
    assert.equal(await read(short, { certificates: certificatesOf('rsa1024') }), 'saml.certificate')
    assert.equal(await read(forged(signerOf('rsa')), { certificates: certificatesOf('P-256') }), 'saml.certificate')
    const method = `${more}ecdsa-sha256`
    const curve = forged(signerOf('P-256'), { by: 'ES256', method })
    assert.equal(await read(curve, { certificates: certificatesOf('P-384') }), 'saml.certificate')
  })

  it('names the certificate that KeyInfo brings, and no signature', async () => {
    const pem = signerOf('other').certificate.replaceAll(/-----.*-----|\s/g, '')
    const keyInfo = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${pem}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
    const xml = forged(signerOf('other'), { keyInfo })
    const answer = await testReader(provider).saml(encoded(xml), testAudience)
    assert.ok('failed' in answer)
    assert.equal(answer.check, 'saml.signature')
    assert.ok(answer.found.includes(storedCertificate(signerOf('other').certificate).fingerprint))
    const value = /(?<=<ds:SignatureValue>)[^<]+/.exec(xml)?.[0] ?? assert.fail()
    assert.ok(!JSON.stringify(answer).includes(value.slice(0, 20)))
  })
})
