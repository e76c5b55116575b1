import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import {
  newSigner,
  outcomeOf,
  storedCertificate,
  testAudience,
  testProvider,
  testReader,
  type TestSigner,
} from '../../test/kit/assertions.ts'
import { encoded, forged } from '../../test/kit/forged-saml.ts'

describe('the document of a SAML assertion', () => {
  let signer: TestSigner
  let good: string
  const read = async (sent: string): Promise<string> =>
    outcomeOf(
      await testReader(testProvider({ certificates: [storedCertificate(signer.certificate)] })).saml(
        sent,
        testAudience,
      ),
    )

  before(async () => {
    signer = await newSigner()
    good = forged(signer)
  })

  const rightly: [string, (xml: string) => string][] = [
    ['base64url', (xml) => encoded(xml)],
    ['base64', (xml) => Buffer.from(xml).toString('base64')],
    ['base64url with padding', (xml) => Buffer.from(xml).toString('base64').replaceAll('+', '-').replaceAll('/', '_')],
    ['base64 without padding', (xml) => Buffer.from(xml).toString('base64').replace(/=+$/, '')],
    ['with an XML declaration', (xml) => encoded(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)],
    ['with a byte order mark', (xml) => encoded(`\uFEFF${xml}`)],
    ['with blanks inside of tags', (xml) => encoded(xml.replace('<saml:Subject>', '<saml:Subject  >'))],
    ['with empty elements cut short', (xml) => encoded(xml.replace(/><\/saml:SubjectConfirmationData>/, '/>'))],
    ['with other quotes', (xml) => encoded(xml.replace('Version="2.0"', "Version='2.0'"))],
    [
      'with a user id as CDATA',
      (xml) => encoded(xml.replace('alice@example.com</saml:NameID', '<![CDATA[alice@example.com]]></saml:NameID')),
    ],
    [
      'with a user id in references',
      (xml) => encoded(xml.replace('alice@example.com</saml:NameID', '&#97;lice@example.com</saml:NameID')),
    ],
  ]
  for (const [what, send] of rightly)
    it(`counts as ${what}`, async () => assert.equal(await read(send(good)), 'user alice@example.com'))

  const bombed = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
  const named = (xml: string, text: string): string =>
    xml.replace('alice@example.com</saml:NameID', `${text}</saml:NameID`)
  const badly: [string, string, (xml: string) => string][] = [
    ['nothing', 'saml.encoding', () => ''],
    ['blanks', 'saml.encoding', () => '   '],
    ['XML as it is', 'saml.encoding', (xml) => xml],
    ['base64 in lines', 'saml.encoding', (xml) => Buffer.from(xml).toString('base64').replaceAll(/.{64}/g, '$&\r\n')],
    ['base64 with a blank before it', 'saml.encoding', (xml) => ` ${encoded(xml)}`],
    ['base64 with a line end', 'saml.encoding', (xml) => `${encoded(xml)}\n`],
    ['percent-encoded base64', 'saml.encoding', (xml) => `${encoded(xml)}%3D`],
    ['both alphabets in one', 'saml.encoding', (xml) => `${encoded(xml)}-_+/`],
    [
      'bits that decode to nothing',
      'saml.encoding',
      (xml) =>
        `${Buffer.from(`${xml}${' '.repeat((4 - (Buffer.byteLength(xml) % 3)) % 3)}`)
          .toString('base64url')
          .slice(0, -1)}h`,
    ],
    ['padding in the middle', 'saml.encoding', (xml) => `${encoded(xml.slice(0, 10))}==${encoded(xml.slice(10))}`],
    ['too much padding', 'saml.encoding', (xml) => `${encoded(xml)}===`],
    ['one character too many', 'saml.encoding', () => 'YWJjZ'],
    ['UTF-16', 'saml.encoding', (xml) => encoded(Buffer.from(`\uFEFF${xml}`, 'utf16le'))],
    ['Latin-1', 'saml.encoding', (xml) => encoded(Buffer.from(named(xml, 'J\u00e9r\u00f4me'), 'latin1'))],
    ['overlong UTF-8', 'saml.encoding', (xml) => encoded(Buffer.concat([Buffer.from(xml), Buffer.from([0xc0, 0xbc])]))],
    ['base64 twice', 'saml.xml', (xml) => encoded(encoded(xml))],
    ['another encoding declared', 'saml.xml', (xml) => encoded(`<?xml version="1.0" encoding="UTF-7"?>${xml}`)],
    ['deflated text', 'saml.xml', () => encoded('PK not xml')],
    ['an end that is missing', 'saml.xml', (xml) => encoded(xml.slice(0, -5))],
    ['two documents', 'saml.xml', (xml) => encoded(xml + xml)],
    ['text behind the document', 'saml.xml', (xml) => encoded(`${xml}x`)],
    ['an attribute twice', 'saml.xml', (xml) => encoded(xml.replace('Version="2.0"', 'Version="2.0" Version="2.0"'))],
    [
      'a prefix that is not declared',
      'saml.xml',
      (xml) => encoded(xml.replace('<saml:Subject>', '<x:a/><saml:Subject>')),
    ],
    ['an entity that is not declared', 'saml.xml', (xml) => encoded(named(xml, '&admin;'))],
    ['a character that XML does not have', 'saml.xml', (xml) => encoded(named(xml, 'alice&#0;'))],
    ['a DOCTYPE', 'saml.doctype', (xml) => encoded(`<!DOCTYPE Assertion>${xml}`)],
    ['an external DTD', 'saml.doctype', (xml) => encoded(`<!DOCTYPE a SYSTEM "https://evil.example/a.dtd">${xml}`)],
    [
      'an external entity',
      'saml.doctype',
      (xml) => encoded(`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>${named(xml, '&e;')}`),
    ],
    ['entities inside each other', 'saml.doctype', (xml) => encoded(bombed + named(xml, '&b;'))],
    [
      'an attribute by DTD',
      'saml.doctype',
      (xml) => encoded(`<!DOCTYPE a [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>${xml}`),
    ],
    ['a doctype in lower case', 'saml.doctype', (xml) => encoded(`<!doctype a>${xml}`)],
    ['130 KiB', 'saml.size', (xml) => encoded(xml.replace('<saml:Subject>', `${' '.repeat(131_072)}<saml:Subject>`))],
    ['1 MB', 'saml.size', () => encoded('a'.repeat(1_000_000))],
    [
      '30 levels',
      'saml.size',
      (xml) => encoded(xml.replace('<saml:Subject>', `${'<a>'.repeat(30)}${'</a>'.repeat(30)}<saml:Subject>`)),
    ],
    ['10,000 levels', 'saml.size', () => encoded('<a>'.repeat(10_000) + '</a>'.repeat(10_000))],
    [
      '3,000 elements',
      'saml.size',
      (xml) => encoded(xml.replace('<saml:Subject>', `${'<a/>'.repeat(3000)}<saml:Subject>`)),
    ],
    [
      '3,000 attributes',
      'saml.size',
      (xml) =>
        encoded(
          xml.replace(
            '<saml:Subject>',
            `<a ${Array.from({ length: 3000 }, (_, at) => `b${at}=""`).join(' ')}/><saml:Subject>`,
          ),
        ),
    ],
    ['a comment in NameID', 'saml.comment', (xml) => encoded(named(xml, 'alice@example.com<!---->.evil.example'))],
    ['a comment at the end of NameID', 'saml.comment', (xml) => encoded(named(xml, 'alice<!-- x -->@example.com'))],
    ['a comment in Issuer', 'saml.comment', (xml) => encoded(xml.replace('https://idp', 'https://<!---->idp'))],
    [
      'a comment in Audience',
      'saml.comment',
      (xml) => encoded(xml.replace('>https://sluice', '>https://<!---->sluice')),
    ],
    ['a comment before the assertion', 'saml.comment', (xml) => encoded(`<!-- x -->${xml}`)],
    [
      'a comment in SignedInfo',
      'saml.comment',
      (xml) => encoded(xml.replace('<ds:Reference', '<!-- x --><ds:Reference')),
    ],
    [
      'a comment in the digest',
      'saml.comment',
      (xml) => encoded(xml.replace('<ds:DigestValue>', '<ds:DigestValue><!--x-->')),
    ],
    ['a processing instruction in NameID', 'saml.comment', (xml) => encoded(named(xml, 'alice<?x y?>@example.com'))],
    ['a style sheet', 'saml.comment', (xml) => encoded(`<?xml-stylesheet href="a.xsl"?>${xml}`)],
    [
      'an EncryptedAssertion',
      'saml.encrypted',
      () => encoded('<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
    ],
    [
      'an EncryptedID',
      'saml.encrypted',
      (xml) => encoded(xml.replace('<saml:Subject>', '<saml:Subject><saml:EncryptedID/>')),
    ],
    [
      'EncryptedData',
      'saml.encrypted',
      (xml) =>
        encoded(
          xml.replace('<saml:Subject>', '<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"/><saml:Subject>'),
        ),
    ],
    ['another document', 'saml.root', () => encoded('<a/>')],
    [
      'an Assertion of SAML 1.1',
      'saml.root',
      () => encoded('<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>'),
    ],
    ['an Assertion of no namespace', 'saml.root', () => encoded('<Assertion ID="_a1"/>')],
    [
      'an Assertion of another namespace',
      'saml.root',
      (xml) => encoded(xml.replace('SAML:2.0:assertion', 'SAML:2.0:assertion ')),
    ],
    ['an ID twice', 'saml.duplicateId', (xml) => encoded(xml.replace('<saml:Subject>', '<saml:Subject ID="_a1">'))],
    [
      'an Id of a signature that is that of the assertion',
      'saml.duplicateId',
      (xml) => encoded(xml.replace('<ds:Signature ', '<ds:Signature Id="_a1" ')),
    ],
    [
      'an xml:id that is that of the assertion',
      'saml.duplicateId',
      (xml) => encoded(xml.replace('<saml:Subject>', '<saml:Subject xml:id="_a1">')),
    ],
    [
      'an AssertionID that is that of the assertion',
      'saml.duplicateId',
      (xml) => encoded(xml.replace('<saml:Subject>', '<saml:Subject AssertionID="_a1">')),
    ],
    ['version 1.1', 'saml.version', (xml) => encoded(xml.replace('Version="2.0"', 'Version="1.1"'))],
    ['no version', 'saml.version', (xml) => encoded(xml.replace('Version="2.0"', ''))],
    ['no ID', 'saml.id', (xml) => encoded(xml.replace('ID="_a1"', ''))],
    ['an empty ID', 'saml.id', (xml) => encoded(xml.replace('ID="_a1"', 'ID=""'))],
    ['an ID that is no name', 'saml.id', (xml) => encoded(xml.replace('ID="_a1"', 'ID="1 2"'))],
    ['a long ID', 'saml.id', (xml) => encoded(xml.replace('ID="_a1"', `ID="_${'a'.repeat(256)}"`))],
  ]
  for (const [what, check, send] of badly)
    it(`is refused for ${what}: ${check}`, async () => assert.equal(await read(send(good)), check))

  it('says what was found on one line, and short', async () => {
    const answer = await testReader(testProvider()).saml(
      encoded(good.replace('https://idp.example', `evil&#10;line\u202e${'x'.repeat(1000)}`)),
      testAudience,
    )
    assert.ok('failed' in answer)
    assert.equal(answer.check, 'saml.issuer')
    assert.match(answer.found, /^evil\ufffdline\ufffdx{200,300}…$/)
  })
})
