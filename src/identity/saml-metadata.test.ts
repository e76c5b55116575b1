import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { readSamlMetadata } from './saml-metadata.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
let first: string
let second: string
let chain: string

before(async () => {
  first = (await selfSigned({ subject: 'CN=idp' })).chain
  second = (await selfSigned({ subject: 'CN=idp' })).chain
  chain = (await (await (await newAuthority('CN=Root')).intermediate('CN=Issuing')).issue({ subject: 'CN=leaf' })).chain
})

const base64 = (pem: string): string => new X509Certificate(pem).raw.toString('base64')
const wrapped = (pem: string): string => base64(pem).replaceAll(/.{64}/g, '\n        $&')
const key = (pems: readonly string[], use = ' use="signing"', write = base64): string =>
  `<m:KeyDescriptor${use}><d:KeyInfo xmlns:d="http://www.w3.org/2000/09/xmldsig#"><d:X509Data>${pems
    .map((pem) => `<d:X509Certificate>${write(pem)}</d:X509Certificate>`)
    .join('')}</d:X509Data></d:KeyInfo></m:KeyDescriptor>`
const role = (keys: string, more = ''): string =>
  `<m:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol"${more}>${keys}<m:SingleSignOnService Binding="b" Location="https://idp.example/sso"/></m:IDPSSODescriptor>`
const entity = (roles: string, more = '', id = 'https://idp.example'): string =>
  `<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${id}"${more}>${roles}</m:EntityDescriptor>`

/** Metadata with so many levels of elements. */
const nestedTo = (levels: number): string =>
  entity(role(key([first])) + '<x>'.repeat(levels - 1) + '</x>'.repeat(levels - 1))

describe('SAML metadata', () => {
  it('gives the entity id and the certificates for signing, each once', () => {
    const keys =
      key([first]) + key([first], ' use="signing"', wrapped) + key([second], '') + key([chain], ' use="encryption"')
    const read = readSamlMetadata(
      `<?xml version="1.0"?>\n${entity(role(keys), ' validUntil="2030-01-01T00:00:00Z"')}`,
      { now },
    )
    assert.deepEqual(read, { issuer: 'https://idp.example', certificates: [first, second], verified: false })
  })

  it('may be nested as deep as people nest', () => {
    assert.deepEqual(readSamlMetadata(nestedTo(64), { now }).certificates, [first])
  })

  it('leaves the CAs of a chain out', () => {
    const pems = chain.match(/-----BEGIN[\s\S]*?END CERTIFICATE-----\n?/g) ?? []
    const { certificates } = readSamlMetadata(entity(role(key(pems))), { now })
    assert.deepEqual(certificates, [new X509Certificate(chain).toString()])
  })

  it('reads no other role: a service provider signs nothing that counts here', () => {
    const other = role(key([second])).replaceAll('IDPSSODescriptor', 'SPSSODescriptor')
    assert.deepEqual(readSamlMetadata(entity(other + role(key([first]))), { now }).certificates, [first])
  })

  it('of several entities is refused with their ids', () => {
    const inner = `<m:EntitiesDescriptor>${entity('', '', 'c')}</m:EntitiesDescriptor>`
    const all = `<m:EntitiesDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata">${entity('', '', 'a')}${entity('', '', 'b')}${inner}</m:EntitiesDescriptor>`
    assert.throws(() => readSamlMetadata(all, { now }), {
      code: 'identity.metadataOfSeveral',
      message: /'a', 'b', 'c'/,
    })
  })

  const bad: readonly (readonly [string, () => string, RegExp])[] = [
    ['nothing', () => '', /cannot be used/],
    ['no XML', () => '<m:Entity', /not well-formed|malformed|cannot be used/i],
    ['a page', () => '<html/>', /no EntityDescriptor/],
    ['the same name in another namespace', () => '<EntityDescriptor entityID="x"/>', /no EntityDescriptor/],
    ['a DTD', () => `<!DOCTYPE x [<!ENTITY e "y">]>${entity(role(key([first])))}`, /document type declaration/],
    ['an empty DTD', () => `<!DOCTYPE x>${entity(role(key([first])))}`, /document type declaration/],
    ['a million characters', () => entity(role(key([first]))) + ' '.repeat(1_000_000), /more than 1000000 characters/],
    ['65 levels', () => nestedTo(65), /nested more than 64 levels/],
    ['10,000 levels', () => nestedTo(10_000), /nested more than 64 levels/],
    ['a service provider', () => entity(role(key([first])).replaceAll('IDPSSO', 'SPSSO')), /no identity provider/],
    [
      'SAML 1.1 alone',
      () => entity(role(key([first])).replace(' urn:oasis:names:tc:SAML:2.0:protocol', '')),
      /no identity provider/,
    ],
    ['two roles', () => entity(role(key([first])) + role(key([second]))), /several IDPSSODescriptors/],
    ['no entity id', () => entity(role(key([first])), '', ''), /has no entityID/],
    ['no certificate', () => entity(role('')), /no certificate for signing/],
    [
      'a certificate for encryption alone',
      () => entity(role(key([first], ' use="encryption"'))),
      /no certificate for signing/,
    ],
    [
      'a damaged certificate',
      () => entity(role(key([first]).replace('MII', 'AAA').replace('MIIB', 'AAAA'))),
      /cannot be read/,
    ],
    [
      'an end in the past',
      () => entity(role(key([first])), ' validUntil="2026-03-01T11:59:59Z"'),
      /valid until 2026-03-01T11:59/,
    ],
    [
      'a role that has ended',
      () => entity(role(key([first]), ' validUntil="2020-01-01T00:00:00Z"')),
      /valid until 2020/,
    ],
    ['an end that is no time', () => entity(role(key([first])), ' validUntil="tomorrow"'), /no time such as/],
  ]
  for (const [what, xml, problem] of bad)
    it(`is refused with ${what}`, () => {
      assert.throws(() => readSamlMetadata(xml(), { now }), { code: 'identity.metadataInvalid', message: problem })
    })
})

describe('signed SAML metadata', () => {
  const honest = () => entity(role(key([first])))
  const wrapping = () => entity(role(key([second])))

  it('is read from what was signed, not from what came', () => {
    const signatures = {
      verify: (_: string, certificates: readonly string[]) => ({ text: certificates[0] === second ? honest() : '' }),
    }
    const read = readSamlMetadata(wrapping(), { now, certificates: [second], signatures })
    assert.deepEqual([read.certificates, read.verified], [[first], true])
  })

  it('is refused where the signature does not hold, or cannot be verified', () => {
    const refused = { code: 'identity.metadataSignatureWrong' }
    const signatures = { verify: () => ({ why: 'another key signed it' }) }
    assert.throws(() => readSamlMetadata(honest(), { now, certificates: [second], signatures }), refused)
    assert.throws(() => readSamlMetadata(honest(), { now, certificates: [second] }), refused)
  })

  it('with a DTD is not even verified', () => {
    const signatures = { verify: () => assert.fail('it was read') }
    assert.throws(() => readSamlMetadata(`<!DOCTYPE x>${honest()}`, { now, certificates: [second], signatures }), {
      code: 'identity.metadataInvalid',
    })
  })
})
