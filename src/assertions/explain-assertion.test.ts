import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import * as fc from 'fast-check'

import {
  newSigner,
  noon,
  storedCertificate,
  testAudience,
  testDraft,
  testProvider,
  type TestSigner,
} from '../../test/kit/assertions.ts'
import { encoded, forged } from '../../test/kit/forged-saml.ts'
import {
  explainAssertion,
  type ExplainGiven,
  makeJwtAssertion,
  makeSamlAssertion,
  signSamlAssertion,
  unsignedAssertion,
} from './index.ts'

describe('an explanation of an assertion', () => {
  let signer: TestSigner
  let good: string
  let known: ExplainGiven
  const saml = (draft = {}) =>
    makeSamlAssertion(testDraft(draft), { privateKey: signer.privateKey, certificates: [signer.certificate] })
  const wrong = async (text: string, given: ExplainGiven = known): Promise<string[]> => {
    const { accepted, findings } = await explainAssertion(text, given)
    const failed = findings.filter(({ state }) => state !== 'ok').map(({ check, state }) => `${check} ${state}`)
    assert.equal(accepted, failed.length === 0)
    return failed
  }

  before(async () => {
    signer = await newSigner()
    good = saml()
    const provider = testProvider({ certificates: [storedCertificate(signer.certificate)] })
    const providerOf = (issuer: string) => (issuer === provider.issuer ? provider : undefined)
    known = { providerOf, audience: testAudience, now: noon }
  })

  it('takes it in every form in which it is at hand', async () => {
    const forms: [string, string][] = [
      [good, 'xml'],
      [`\n${good}\n`, 'xml'],
      [encoded(good), 'base64url'],
      [`${Buffer.from(`${good}  `).toString('base64')}\n`, 'base64'],
    ]
    for (const [text, form] of forms) {
      const explanation = await explainAssertion(text, known)
      assert.deepEqual(
        [explanation.accepted, explanation.kind, explanation.asserted?.user],
        [true, 'saml', 'alice@example.com'],
      )
      if (form !== 'base64') assert.equal(explanation.form, form)
    }
  })

  it('goes on after what is wrong, and says how to mend it', async () => {
    const text = saml({ audience: 'x', recipient: 'y', notOnOrAfter: noon - 30_000, notBefore: noon - 90_000 })
    assert.deepEqual(await wrong(text, { ...known, now: noon + 60_000 }), [
      'saml.recipient wrong',
      'saml.confirmation.expired wrong',
      'saml.expired wrong',
      'saml.audience wrong',
    ])
    const { findings } = await explainAssertion(text, known)
    const audience = findings.find(({ check }) => check === 'saml.audience')
    assert.deepEqual([audience?.expected, audience?.found], ['https://sluice.example', 'x'])
    assert.match(audience?.remedy ?? '', /Audience/)
  })

  it('shows the digest that was computed and the one that was found', async () => {
    const { findings } = await explainAssertion(good.replace('alice@', 'bob@'), known)
    const digest = findings.find(({ check }) => check === 'saml.digest')
    assert.equal(digest?.state, 'wrong')
    assert.notEqual(digest.expected, digest.found)
    assert.equal(digest.found, /<ds:DigestValue>([^<]*)/.exec(good)?.[1])
    // The same digest, written into it, is that of the changed text.
    const mended = good.replace('alice@', 'bob@').replace(digest.found, digest.expected)
    assert.deepEqual(await wrong(mended), ['saml.signature wrong'])
  })

  it('names the certificate that confirms the signature', async () => {
    const { findings } = await explainAssertion(good, known)
    const signature = findings.find(({ check }) => check === 'saml.signature')
    assert.ok(signature?.found.includes(storedCertificate(signer.certificate).fingerprint))
  })

  it('checks by the certificate in it where nobody is trusted, and calls that unchecked', async () => {
    const failed = await wrong(good, { now: noon })
    assert.deepEqual(
      failed.filter((each) => !each.endsWith('unchecked')),
      [],
    )
    assert.ok(failed.includes('saml.signature unchecked') && failed.includes('saml.audience unchecked'))
    assert.ok((await wrong(good.replace('alice@', 'bob@'), { now: noon })).includes('saml.digest wrong'))
    const stranger = saml({ issuer: 'https://stranger.example' })
    const found = await wrong(stranger)
    assert.ok(found.includes('saml.issuer wrong') && found.includes('saml.signature unchecked'))
  })

  it('explains what is no assertion at all', async () => {
    const cases: [string, string][] = [
      ['', 'saml.encoding missing'],
      ['hello', 'saml.encoding wrong'],
      ['<a', 'saml.xml wrong'],
      ['<a/>', 'saml.root wrong'],
      [`<!DOCTYPE a>${good}`, 'saml.doctype wrong'],
      [encoded(good).replaceAll(/.{60}/g, '$&\n'), 'saml.encoding wrong'],
      ['a.b.c', 'jwt.form wrong'],
      ['a.b.c.d.e', 'jwt.encrypted wrong'],
      [unsignedAssertion(testDraft()), 'saml.signature.missing missing'],
      [forged(signer, { transforms: '' }), 'saml.transforms missing'],
    ]
    for (const [text, expected] of cases) {
      const found = (await wrong(text)).map((each) => each.replace('encoding missing', 'encoding wrong'))
      assert.ok(
        found.includes(expected.replace('encoding missing', 'encoding wrong')),
        `${text.slice(0, 40)}: ${found.join()}`,
      )
    }
  })

  it('shows what stands in it, without the signature', async () => {
    const { facts } = await explainAssertion(good, known)
    const values = Object.fromEntries(facts.map(({ element, value }) => [element, value]))
    assert.equal(values['Assertion/Subject/NameID'], 'alice@example.com')
    assert.equal(values['Assertion/Signature/SignatureValue'], '256 bytes')
    assert.match(
      values['Assertion/Signature/KeyInfo/X509Data/X509Certificate'] ?? '',
      /CN=idp\.example, valid to .*SHA-256/,
    )
    assert.ok(!JSON.stringify(facts).includes(/<ds:SignatureValue>(.{20})/.exec(good)?.[1] ?? assert.fail()))
  })

  it('explains a JWT, and says when it was signed by nobody that is known', async () => {
    const ec = await newSigner('P-256')
    const claims = { iss: 'https://idp.example', sub: 'alice', aud: 'https://sluice.example', exp: noon / 1000 + 60 }
    const token = makeJwtAssertion(claims, { privateKey: ec.privateKey, kid: 'k' }, 'ES256')
    assert.deepEqual(await wrong(token), ['jwt.key wrong'])
    const provider = testProvider({ jwks: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k' }] })
    const explanation = await explainAssertion(token, { ...known, providerOf: () => provider })
    assert.deepEqual([explanation.accepted, explanation.asserted?.user], [true, 'alice'])
    assert.ok(explanation.facts.some(({ element, value }) => element === 'claims/sub' && value === 'alice'))
    const untrusted = await wrong(token, { now: noon })
    assert.ok(untrusted.includes('jwt.key unchecked') && untrusted.includes('jwt.audience unchecked'))
    assert.deepEqual(
      untrusted.filter((each) => !each.endsWith('unchecked')),
      [],
    )
    const late = await wrong(token, { now: noon + 10 * 60_000 })
    assert.deepEqual(
      late.filter((each) => !each.endsWith('unchecked')),
      ['jwt.expired wrong'],
    )
  })
})

it('an explanation never fails, whatever it is given', async () => {
  const { privateKey, certificate } = await newSigner()
  const xml = makeSamlAssertion(testDraft(), { privateKey, certificates: [certificate] })
  const jwt = makeJwtAssertion({ iss: 'https://idp.example', sub: 'a' }, { privateKey }, 'RS256')
  const provider = testProvider({ certificates: [storedCertificate(certificate)] })
  const given = { providerOf: () => provider, audience: testAudience, now: noon }
  const base = fc.constantFrom(xml, encoded(xml), jwt, xml.replaceAll('saml:', ''), `{"iss":1}`, '<a/>')
  const changed = fc
    .tuple(
      base,
      fc.nat(6000),
      fc.nat(200),
      fc.oneof(fc.string(), fc.constantFrom('<', '>', '&', '</saml:Subject>', '<!--', '.')),
    )
    .map(([text, at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length))
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, fc.string()), async (text) => {
      const { accepted, asserted } = await explainAssertion(text, given)
      assert.ok(!accepted || asserted?.user === 'alice@example.com')
      await explainAssertion(text, { now: noon })
    }),
    { numRuns: 500 },
  )
})

describe('making an assertion', () => {
  it('signs by the usual algorithm of every kind of key, and what it signs is read', async () => {
    const kinds = [
      ['rsa', 'RS256'],
      ['P-256', 'ES256'],
      ['P-384', 'ES384'],
      ['P-521', 'ES512'],
      ['ed25519', 'EdDSA'],
    ] as const
    for (const [kind, name] of kinds) {
      const { privateKey, certificate } = await newSigner(kind)
      const provider = testProvider({ certificates: [storedCertificate(certificate)], algorithms: [name] })
      const xml = makeSamlAssertion(testDraft(), { privateKey, certificates: [certificate] })
      const { asserted } = await explainAssertion(xml, {
        providerOf: () => provider,
        audience: testAudience,
        now: noon,
      })
      assert.equal(asserted?.user, 'alice@example.com')
    }
  })

  it('keeps every character of what it is given', async () => {
    const { privateKey, certificate } = await newSigner()
    const nameId = `<&>"'\u00e9\u{1F600} ]]>`
    const values = ['a\tb\nc\rd', '', ' x ', '&#65;', '<!-- -->']
    const provider = testProvider({
      certificates: [storedCertificate(certificate)],
      attributes: [{ from: 'a', to: 'a' }],
    })
    const xml = makeSamlAssertion(
      testDraft({ subject: { nameId }, attributes: { a: values, 'tab\tand\nline': ['x'] } }),
      {
        privateKey,
        certificates: [],
      },
    )
    const { asserted } = await explainAssertion(encoded(xml), {
      providerOf: () => provider,
      audience: testAudience,
      now: noon,
    })
    assert.deepEqual([asserted?.user, asserted?.attributes['a']], [nameId, values.join(',')])
  })

  it('refuses what cannot be signed so', async () => {
    const [rsa, other, short] = await Promise.all([newSigner(), newSigner(), newSigner('rsa1024')])
    const key = { privateKey: rsa.privateKey, certificates: [rsa.certificate] }
    const xml = unsignedAssertion(testDraft())
    const cases: [string, () => unknown][] = [
      ['assertions.draftInvalid', () => makeSamlAssertion(testDraft({ issuer: '' }), key)],
      ['assertions.draftInvalid', () => makeSamlAssertion(testDraft({ id: '1' }), key)],
      ['assertions.draftInvalid', () => makeSamlAssertion(testDraft({ notOnOrAfter: 0 }), key)],
      ['assertions.draftInvalid', () => makeSamlAssertion(testDraft({ subject: { nameId: 'a\u0000' } }), key)],
      ['assertions.keyUnfit', () => makeSamlAssertion(testDraft(), key, 'ES256')],
      ['assertions.keyUnfit', () => makeSamlAssertion(testDraft(), key, 'RS1')],
      ['assertions.keyUnfit', () => makeSamlAssertion(testDraft(), { privateKey: short.privateKey, certificates: [] })],
      [
        'assertions.certificateOfAnother',
        () => makeSamlAssertion(testDraft(), { ...key, certificates: [other.certificate] }),
      ],
      ['assertions.textUnreadable', () => signSamlAssertion('x', key)],
      ['assertions.textUnreadable', () => signSamlAssertion('<a/>', key)],
      ['assertions.textUnreadable', () => signSamlAssertion(xml.replace(/ ID="[^"]*"/, ''), key)],
      ['assertions.textUnreadable', () => signSamlAssertion(xml.replace(/<saml:Issuer>.*<\/saml:Issuer>/, ''), key)],
      ['assertions.textUnreadable', () => makeSamlAssertion(testDraft(), { ...key, certificates: ['x'] })],
    ]
    for (const [code, make] of cases) assert.throws(make, { code }, String(make))
    assert.equal(signSamlAssertion(signSamlAssertion(xml, key), key).match(/<ds:Signature /g)?.length, 1)
  })
})
