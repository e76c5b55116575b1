/**
 * Assertions made by tools that are not ours are read, and ours are read by them: xmlsec1, pysaml2, and the sample
 * senders of the documentation.
 */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'

import * as fc from 'fast-check'

import { canonicalXml } from '../../src/assertions/canonical-xml.ts'
import { makeSamlAssertion, type SamlDraft, unsignedAssertion } from '../../src/assertions/index.ts'
import { parseXml } from '../../src/formats/xml.ts'
import {
  minute,
  newSigner,
  outcomeOf,
  storedCertificate,
  testAudience,
  testDraft,
  testProvider,
  testReader,
  type TestSigner,
} from '../kit/assertions.ts'
import { encoded, samlTransforms } from '../kit/forged-saml.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const run = promisify(execFile)
const now = Date.now()
const root = join(import.meta.dirname, '..', '..')
const assertionName = 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion'

describe('assertions and the tools of others', () => {
  let folder: string
  let signer: TestSigner
  const at = (name: string): string => join(folder, name)
  const draft = (more: Partial<SamlDraft> = {}): SamlDraft =>
    testDraft({ notBefore: now - minute, notOnOrAfter: now + 5 * minute, ...more })
  const read = async (assertion: string, certificate = signer.certificate): Promise<string> => {
    const provider = testProvider({
      certificates: [storedCertificate(certificate)],
      algorithms: ['RS256', 'RS512', 'ES256', 'ES384'],
    })
    return outcomeOf(await testReader(provider, { now: Date.now() }).saml(assertion, testAudience))
  }
  const keep = (name: string, { privateKey, certificate }: TestSigner): void => {
    writeFileSync(at(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileSync(at(`${name}.pem`), certificate)
  }

  before(async () => {
    folder = temporaryFolder('assertions')
    signer = await newSigner('rsa', { until: now + 10 * 86_400_000 })
    keep('rsa', signer)
  })

  describe('xmlsec1', () => {
    const template = (method: string, digest: string): string =>
      `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="${method}"/><ds:Reference URI="#_a1"><ds:Transforms>${samlTransforms}</ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>`
    const sign = async (xml: string, key = 'rsa'): Promise<string> => {
      writeFileSync(at('template.xml'), xml)
      const keys = `${at(`${key}.key`)},${at(`${key}.pem`)}`
      await run('xmlsec1', [
        '--sign',
        '--privkey-pem',
        keys,
        '--id-attr:ID',
        assertionName,
        '--output',
        at('signed.xml'),
        at('template.xml'),
      ])
      return readFileSync(at('signed.xml'), 'utf8')
    }
    const withTemplate = (xml: string, text: string): string => xml.replace('</saml:Issuer>', `</saml:Issuer>${text}`)
    const more = 'http://www.w3.org/2001/04/xmldsig-more#'
    const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
    const signed: [string, string, string, 'rsa' | 'P-256' | 'P-384'][] = [
      ['RSA with SHA-256', `${more}rsa-sha256`, sha256, 'rsa'],
      ['RSA with SHA-512', `${more}rsa-sha512`, 'http://www.w3.org/2001/04/xmlenc#sha512', 'rsa'],
      ['ECDSA with SHA-256', `${more}ecdsa-sha256`, sha256, 'P-256'],
      ['ECDSA with SHA-384', `${more}ecdsa-sha384`, `${more}sha384`, 'P-384'],
    ]
    for (const [what, method, digest, kind] of signed) {
      it(`signs by ${what}, and it is read`, async () => {
        const by = await newSigner(kind, { until: now + 10 * 86_400_000 })
        keep(`by-${kind}`, by)
        const xml = await sign(withTemplate(unsignedAssertion(draft()), template(method, digest)), `by-${kind}`)
        assert.equal(await read(encoded(xml), by.certificate), 'user alice@example.com')
        assert.equal(await read(encoded(xml.replace('>alice@', '>admin@')), by.certificate), 'saml.digest')
      })

      it(`reads what we sign by ${what}`, async () => {
        const by = await newSigner(kind, { until: now + 10 * 86_400_000 })
        keep(`ours-${kind}`, by)
        const ours = makeSamlAssertion(draft({ subject: { nameId: `Jérôme <&"'> \u{1F600}` } }), {
          privateKey: by.privateKey,
          certificates: [by.certificate],
        })
        writeFileSync(at('ours.xml'), ours)
        const verify = [
          '--verify',
          '--pubkey-cert-pem',
          at(`ours-${kind}.pem`),
          '--id-attr:ID',
          assertionName,
          at('ours.xml'),
        ]
        await run('xmlsec1', verify)
        writeFileSync(at('ours.xml'), ours.replace('Jérôme', 'Jerome'))
        await assert.rejects(run('xmlsec1', verify))
      })
    }

    it('signs texts of every kind in the same canonical form', async () => {
      const texts = ['é\u{1F600}', '&lt;&amp;&gt;"\'', ' \t x ', '&#13;', '<![CDATA[<a>&]]>', ']]&gt;', '\u00a0']
      const xml = unsignedAssertion(draft({ attributes: { a: ['@'] } })).replace(
        '<saml:AttributeValue>@</saml:AttributeValue>',
        texts.map((text) => `<saml:AttributeValue>${text}</saml:AttributeValue>`).join('\n'),
      )
      const wild = xml
        .replace('<saml:Attribute ', `<saml:Attribute xmlns:x="urn:x" x:b="1&#10;2&#9;3" x:a='"' xml:lang="en" `)
        .replace('<saml:Conditions ', '<saml:Conditions xmlns:unused="urn:unused" xmlns="urn:default" ')
      assert.equal(
        await read(encoded(await sign(withTemplate(wild, template(`${more}rsa-sha256`, sha256))))),
        'user alice@example.com',
      )
    })
  })

  it('the canonical form is that of libxml2', async () => {
    const name = fc.constantFrom('a', 'b', 'p:a', 'q:b', 'é')
    const space = fc.constantFrom(
      '',
      ' xmlns="urn:d"',
      ' xmlns=""',
      ' xmlns:p="urn:p2"',
      ' xmlns:q="urn:q"',
      ' xmlns:unused="urn:u"',
    )
    const attribute = fc.constantFrom(
      '',
      ' z="1" a="2"',
      ' p:z="&lt;&#10;&quot;" b=">"',
      " c='\"' q:a='&#13;'",
      ' xml:lang="x"',
    )
    const text = fc.constantFrom('', 'x', ' &amp; ', '&#13;\n', '<![CDATA[<]]>', ']]&gt;')
    const { node } = fc.letrec<{ node: string }>((tie) => ({
      node: fc
        .tuple(
          name,
          space,
          attribute,
          text,
          fc.array(fc.oneof({ maxDepth: 4, depthIdentifier: 'n' }, text, tie('node')), { maxLength: 3 }),
          text,
        )
        .map(
          ([tag, spaces, attributes, before, inner, behind]) =>
            `<${tag}${spaces}${attributes}>${before}${inner.join('')}${behind}</${tag}>`,
        ),
    }))
    const samples = fc
      .sample(node, { numRuns: 300, seed: 7 })
      .map((each) => `<r xmlns:p="urn:p" xmlns:q="urn:q0">${each}</r>`)
    writeFileSync(at('samples.json'), JSON.stringify(samples))
    const script = `import json, sys
from lxml import etree
kept = sys.argv[2].split() or None
print(json.dumps([etree.tostring(etree.fromstring(x), method='c14n', exclusive=True, with_comments=False, inclusive_ns_prefixes=kept).decode() for x in json.load(open(sys.argv[1]))]))`
    for (const kept of ['', 'p', 'p q', 'none']) {
      const { stdout } = await run('/usr/bin/python3', ['-c', script, at('samples.json'), kept], { maxBuffer: 1e8 })
      for (const [index, expected] of (JSON.parse(stdout) as string[]).entries()) {
        const element = parseXml(samples[index] ?? '').documentElement
        const inclusive = kept.split(' ').filter(Boolean)
        assert.equal(element && canonicalXml(element, { inclusive }), expected, `${kept}: ${samples[index]}`)
      }
    }
  })

  it('pysaml2 makes an assertion, and it is read', async () => {
    const script = `import sys
from saml2 import saml, sigver, class_name, BINDING_HTTP_POST, time_util
from saml2.config import Config
from saml2.s_utils import factory
folder, issuer, user, audience, recipient = sys.argv[1:]
later = time_util.in_a_while(minutes=5)
a = saml.Assertion(id='_pysaml2', version='2.0', issue_instant=time_util.instant(),
  issuer=saml.Issuer(text=issuer),
  signature=sigver.pre_signature_part('_pysaml2', open(folder + '/rsa.pem').read().replace('-----BEGIN CERTIFICATE-----','').replace('-----END CERTIFICATE-----','').strip(), sign_alg='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', digest_alg='http://www.w3.org/2001/04/xmlenc#sha256'),
  subject=saml.Subject(name_id=saml.NameID(text=user), subject_confirmation=[saml.SubjectConfirmation(method=saml.SCM_BEARER, subject_confirmation_data=saml.SubjectConfirmationData(not_on_or_after=later, recipient=recipient))]),
  conditions=saml.Conditions(not_before=time_util.instant(), not_on_or_after=later, audience_restriction=[saml.AudienceRestriction(audience=[saml.Audience(text=audience)])]))
backend = sigver.CryptoBackendXmlSec1('/usr/bin/xmlsec1')
print(backend.sign_statement(str(a), class_name(a), folder + '/rsa.key', '_pysaml2'))`
    const given = ['https://idp.example', 'alice', testAudience.audiences[0] ?? '', testAudience.recipients[0] ?? '']
    const { stdout } = await run('/usr/bin/python3', ['-c', script, folder, ...given])
    assert.equal(await read(Buffer.from(stdout.trim()).toString('base64')), 'user alice')
  })

  for (const [sample, command] of [
    ['saml-sender.sh', 'sh'],
    ['saml-sender.ts', process.execPath],
  ] as const) {
    it(`the sample sender ${sample} makes assertions that are read`, async () => {
      const [audience = '', recipient = ''] = [testAudience.audiences[0], testAudience.recipients[0]]
      const make = (user: string) =>
        execFileSync(
          command,
          [
            join(root, 'docs/auth/samples', sample),
            at('rsa.key'),
            at('rsa.pem'),
            'https://idp.example',
            user,
            audience,
            recipient,
          ],
          { encoding: 'utf8' },
        ).trim()
      for (const user of ['alice', 'a <b> & "c" \'d\'', 'Jérôme']) assert.equal(await read(make(user)), `user ${user}`)
    })
  }
})
