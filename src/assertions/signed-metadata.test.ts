import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'

import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { readSamlMetadata } from '../identity/saml-metadata.ts'
import { verifySignedMetadata } from './signed-metadata.ts'

const tool = spawnSync('xmlsec1', ['--version']).status === 0
const metadata = 'urn:oasis:names:tc:SAML:2.0:metadata'
const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Metadata that a tool of somebody else has signed. */
describe(`signed metadata${tool ? '' : ' (no xmlsec1 on this machine: nothing to test)'}`, () => {
  const folder = temporaryFolder('metadata')
  const pems: Record<string, string> = {}
  let honest: string

  if (!tool) return

  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  const template = ({
    method = `${more}rsa-sha256`,
    digest = 'http://www.w3.org/2001/04/xmlenc#sha256',
    uri = '#root',
    c14n = exclusive,
  } = {}) =>
    `<ds:Signature xmlns:ds="${dsig}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${c14n}"/><ds:SignatureMethod Algorithm="${method}"/><ds:Reference URI="${uri}"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"/><ds:Transform Algorithm="${c14n}"/></ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`
  const entity = (signature: string, name = 'idp') =>
    `<EntityDescriptor xmlns="${metadata}" ID="root" entityID="https://idp.example"><!-- note -->${signature}<IDPSSODescriptor ID="role" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="${dsig}"><X509Data><X509Certificate>${new X509Certificate(pems[name] ?? '').raw.toString('base64')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`

  function signed(xml: string, by = 'publisher'): string {
    writeFileSync(join(folder, 'in.xml'), xml)
    const args = ['--sign', '--privkey-pem', `${by}.key`, '--id-attr:ID', `${metadata}:EntityDescriptor`]
    execFileSync(
      'xmlsec1',
      [...args, '--id-attr:ID', `${metadata}:IDPSSODescriptor`, '--output', 'out.xml', 'in.xml'],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    )
    return readFileSync(join(folder, 'out.xml'), 'utf8')
  }

  before(() => {
    for (const name of ['publisher', 'other', 'idp', 'evil']) {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-subj',
        `/CN=${name}`,
        '-days',
        '30',
      )
      pems[name] = readFileSync(join(folder, `${name}.pem`), 'utf8')
    }
    honest = signed(entity(template()))
  })

  const verify = (xml: string, by = 'publisher') => verifySignedMetadata(xml, [pems[by] ?? ''])

  it('is read as it was signed', () => {
    const given = { now: Date.now(), certificates: [pems['other'] ?? '', pems['publisher'] ?? ''] }
    const read = readSamlMetadata(honest, { ...given, signatures: { verify: verifySignedMetadata } })
    assert.deepEqual(
      [read.issuer, read.verified, read.certificates],
      ['https://idp.example', true, [new X509Certificate(pems['idp'] ?? '').toString()]],
    )
  })

  const refused: readonly (readonly [string, () => string, RegExp])[] = [
    ['no signature', () => entity(''), /not signed/],
    ['no XML', () => 'x', /no XML/],
    ['a DTD', () => `<!DOCTYPE x>${honest}`, /no XML/],
    ['no ID', () => honest.replace(' ID="root"', ''), /has no ID/],
    ['another key inside', () => honest.replace(base64Of('idp'), base64Of('evil')), /changed after it was signed/],
    [
      'another name',
      () => honest.replace('https://idp.example', 'https://evil.example'),
      /changed after it was signed/,
    ],
    [
      'a second signature',
      () => honest.replace('</ds:Signature>', `</ds:Signature>${template()}`),
      /several signatures/,
    ],
    ['the ID twice', () => honest.replace('ID="role"', 'ID="root"'), /is there twice/],
    ['a signature over a part', () => signed(entity(template({ uri: '#role' }))), /something else than the whole/],
    ['a signature over nothing named', () => signed(entity(template({ uri: '' }))), /something else than the whole/],
    [
      'SHA-1 under the signature',
      () => honest.replace(`${more}rsa-sha256`, `${dsig}rsa-sha1`),
      /algorithm that is not accepted/,
    ],
    [
      'a digest by SHA-1',
      () => honest.replace('http://www.w3.org/2001/04/xmlenc#sha256', `${dsig}sha1`),
      /algorithm that is not accepted/,
    ],
    [
      'a shared secret',
      () => honest.replace(`${more}rsa-sha256`, `${more}hmac-sha256`),
      /algorithm that is not accepted/,
    ],
    [
      'a transform of its own',
      () =>
        honest.replace(
          `Algorithm="${dsig}enveloped-signature"`,
          'Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"',
        ),
      /./,
    ],
    [
      // The honest document is wrapped into another one that says something else.
      'a wrapping document',
      () => entity(honest.replace(/^<\?xml.*?\?>\s*/, ''), 'evil').replace('ID="root"', 'ID="outer"'),
      /not signed|twice|whole/,
    ],
  ]
  it('is refused when it is deeper than a stack', () => {
    const deep = honest.replace(/(?<=<[^?!>]*>)/, '<x>'.repeat(30_000) + '</x>'.repeat(30_000))
    assert.deepEqual(verify(deep), { why: 'it is nested too deeply' })
  })

  const base64Of = (name: string): string => new X509Certificate(pems[name] ?? '').raw.toString('base64')
  for (const [what, xml, why] of refused)
    it(`is refused with ${what}`, () => {
      const verified = verify(xml())
      assert.ok('why' in verified, JSON.stringify(verified))
      assert.match(verified.why, why)
    })

  it('is refused by another key, and by no certificate at all', () => {
    assert.deepEqual(verify(honest, 'other'), { why: 'it is not by the key of the certificate that was given' })
    assert.ok('why' in verifySignedMetadata(honest, []))
  })
})
