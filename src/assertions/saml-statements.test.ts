import assert from 'node:assert/strict'
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
import { encoded, type Forgery, forged } from '../../test/kit/forged-saml.ts'
import type { IdentityProvider } from '../identity/index.ts'

const other = 'https://other.example'

describe('what a SAML assertion says', () => {
  let signer: TestSigner
  let provider: IdentityProvider
  const answer = (forgery: Forgery, given: Partial<IdentityProvider> = {}, now = noon) =>
    testReader({ ...provider, ...given }, { now }).saml(encoded(forged(signer, forgery)), testAudience)
  const read = async (...given: Parameters<typeof answer>): Promise<string> => outcomeOf(await answer(...given))
  const change = (from: string | RegExp, to: string): Forgery => ({
    before: (xml) => {
      const changed = xml.replace(from, to)
      assert.notEqual(changed, xml)
      return changed
    },
  })

  before(async () => {
    signer = await newSigner()
    provider = testProvider({ certificates: [storedCertificate(signer.certificate)] })
  })

  it('is the user, what is known of it, and until when', async () => {
    assert.deepEqual(
      await answer(
        {},
        {
          defaultAttributes: { company: 'Acme', mail: 'none' },
          attributes: [
            { from: 'mail', to: 'mail' },
            { from: 'department', to: 'dep' },
            { from: 'absent', to: 'x' },
          ],
          defaultGroups: ['everyone'],
          groupRules: [
            { group: 'sales', attribute: 'department', operator: 'equals', value: 'sales' },
            { group: 'everyone', attribute: 'department', operator: 'equals', value: 'sales' },
            { group: 'none', attribute: 'department', operator: 'equals', value: 'sale' },
          ],
        },
      ),
      {
        user: 'alice@example.com',
        issuer: 'https://idp.example',
        id: '_a1',
        attributes: { company: 'Acme', mail: 'alice@example.com', dep: 'sales,export' },
        groups: ['everyone', 'sales'],
        until: noon + 5 * minute,
        actors: [],
      },
    )
  })

  const data =
    '<saml:SubjectConfirmationData NotOnOrAfter="2026-05-04T12:05:00Z" Recipient="https://sluice.example/oauth/token"></saml:SubjectConfirmationData>'
  const confirmation = (content: string): string =>
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">${content}</saml:SubjectConfirmation>`
  const rightly: [string, Forgery, Partial<IdentityProvider>?, number?][] = [
    ['no AuthnStatement', change(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, '')],
    ['OneTimeUse', change('</saml:Conditions>', '<saml:OneTimeUse/></saml:Conditions>')],
    ['Conditions without times', change(/<saml:Conditions [^>]*>/, '<saml:Conditions>')],
    ['several audiences', change('<saml:Audience>', `<saml:Audience>${other}</saml:Audience><saml:Audience>`)],
    ['an audience of the provider', { draft: { audience: other } }, { audiences: [other] }],
    ['a recipient of the provider', { draft: { recipient: other } }, { recipients: [other] }],
    [
      'a second confirmation that fits',
      change(
        '<saml:SubjectConfirmation ',
        `${confirmation(data.replace('sluice', 'other'))}<saml:SubjectConfirmation `,
      ),
    ],
    [
      'another method beside bearer',
      change(
        '<saml:SubjectConfirmation ',
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/><saml:SubjectConfirmation ',
      ),
    ],
    [
      'fractions of seconds',
      change('IssueInstant="2026-05-04T11:59:00Z"', 'IssueInstant="2026-05-04T11:59:00.123456Z"'),
    ],
    ['an end that is over by less than the skew', {}, {}, noon + 5 * minute + 59_999],
    ['a beginning that is to come in less than the skew', {}, {}, noon - 2 * minute],
    ['a client that may', {}, { clients: ['x', 'client-1'] }],
    [
      'a session that goes on',
      change('<saml:AuthnStatement ', '<saml:AuthnStatement SessionNotOnOrAfter="2026-05-04T20:00:00Z" '),
    ],
    ['the user id as an attribute', {}, { userId: { source: 'attribute', attribute: 'mail' } }],
  ]
  for (const [what, forgery, given, now] of rightly)
    it(`counts with ${what}`, async () => assert.equal(await read(forgery, given, now), 'user alice@example.com'))

  const subject = (nameId: string): Forgery => ({ draft: { subject: { nameId } } })
  const badly: [string, string, Forgery, Partial<IdentityProvider>?, number?][] = [
    ['another issuer', 'saml.issuer', { draft: { issuer: other } }],
    ['an issuer in other case', 'saml.issuer', { draft: { issuer: 'https://IDP.example' } }],
    ['an issuer with a slash more', 'saml.issuer', { draft: { issuer: 'https://idp.example/' } }],
    ['an issuer with a blank', 'saml.issuer', { draft: { issuer: ' https://idp.example' } }],
    ['a provider that is switched off', 'saml.provider', {}, { enabled: false }],
    ['a client that may not', 'saml.client', {}, { clients: ['x'] }],
    [
      'a time of issue to come',
      'saml.issueInstant',
      change('IssueInstant="2026-05-04T11:59', 'IssueInstant="2026-05-04T12:01:01'),
    ],
    ['no time of issue', 'saml.issueInstant', change(/IssueInstant="[^"]*"/, '')],
    [
      'a time with a zone',
      'saml.issueInstant',
      change('IssueInstant="2026-05-04T11:59:00Z"', 'IssueInstant="2026-05-04T11:59:00+00:00"'),
    ],
    [
      'a time without Z',
      'saml.issueInstant',
      change('IssueInstant="2026-05-04T11:59:00Z"', 'IssueInstant="2026-05-04T11:59:00"'),
    ],
    ['a day that is none', 'saml.issueInstant', change('IssueInstant="2026-05-04', 'IssueInstant="2026-02-30')],
    ['no Subject', 'saml.subject', change(/<saml:Subject>.*<\/saml:Subject>/, '')],
    ['two Subjects', 'saml.subject', change('<saml:Subject>', '<saml:Subject></saml:Subject><saml:Subject>')],
    ['no NameID', 'saml.subject', change(/<saml:NameID.*<\/saml:NameID>/, '')],
    ['two NameIDs', 'saml.subject', change('<saml:NameID', '<saml:NameID>x</saml:NameID><saml:NameID')],
    ['a BaseID', 'saml.subject', change(/saml:NameID/g, 'saml:BaseID')],
    ['an element in NameID', 'saml.subject', change('</saml:NameID>', '<x></x></saml:NameID>')],
    ['blanks around the user id', 'saml.subject', subject(' alice')],
    ['a line end after the user id', 'saml.subject', subject('alice\n')],
    ['a user id of blanks', 'saml.subject', subject('   ')],
    ['a user id of 256 characters', 'saml.subject', subject('a'.repeat(256))],
    ['a character that is not seen', 'saml.subject', subject('ali\u200bce')],
    ['a change of the direction of writing', 'saml.subject', subject('alice\u202e')],
    [
      'no SubjectConfirmation',
      'saml.confirmation',
      change(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/, ''),
    ],
    ['holder of key', 'saml.confirmation', change('cm:bearer', 'cm:holder-of-key')],
    ['no SubjectConfirmationData', 'saml.confirmation', change(data, '')],
    [
      'InResponseTo',
      'saml.confirmation.inResponseTo',
      change('<saml:SubjectConfirmationData ', '<saml:SubjectConfirmationData InResponseTo="_r" '),
    ],
    [
      'NotBefore in the confirmation',
      'saml.confirmation.notBefore',
      change('<saml:SubjectConfirmationData ', '<saml:SubjectConfirmationData NotBefore="2026-05-04T11:00:00Z" '),
    ],
    [
      'an address',
      'saml.confirmation.address',
      change('<saml:SubjectConfirmationData ', '<saml:SubjectConfirmationData Address="10.0.0.1" '),
    ],
    ['no recipient', 'saml.recipient', change(' Recipient="https://sluice.example/oauth/token"', '')],
    ['another recipient', 'saml.recipient', { draft: { recipient: other } }],
    ['a recipient with a query', 'saml.recipient', { draft: { recipient: 'https://sluice.example/oauth/token?x' } }],
    ['a recipient that is the audience', 'saml.recipient', { draft: { recipient: 'https://sluice.example' } }],
    [
      'a confirmation without end',
      'saml.confirmation.expired',
      change(/(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, '$1'),
    ],
    [
      'a confirmation that has ended',
      'saml.confirmation.expired',
      change(/(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, '$1 NotOnOrAfter="2026-05-04T11:59:00Z"'),
    ],
    [
      'an end that is no time',
      'saml.confirmation.expired',
      change(/(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, '$1 NotOnOrAfter="never"'),
    ],
    ['an end at the skew', 'saml.confirmation.expired', {}, {}, noon + 6 * minute],
    ['a life of more than a day', 'saml.lifetime', { draft: { notOnOrAfter: noon + 24 * 60 * minute + 1000 } }],
    ['no Conditions', 'saml.conditions', change(/<saml:Conditions.*<\/saml:Conditions>/, '')],
    ['two Conditions', 'saml.conditions', change(/<saml:Conditions.*<\/saml:Conditions>/, '$&$&')],
    [
      'no AudienceRestriction',
      'saml.conditions',
      change(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ''),
    ],
    [
      'a condition that is not known',
      'saml.conditions',
      change('</saml:Conditions>', '<saml:Condition/></saml:Conditions>'),
    ],
    ['ProxyRestriction', 'saml.conditions', change('</saml:Conditions>', '<saml:ProxyRestriction/></saml:Conditions>')],
    [
      'a condition of another namespace',
      'saml.conditions',
      change('</saml:Conditions>', '<x:OneTimeUse xmlns:x="urn:x"/></saml:Conditions>'),
    ],
    ['a beginning to come', 'saml.notBefore', change(/NotBefore="[^"]*"/, 'NotBefore="2026-05-04T12:01:01Z"')],
    ['a beginning that is no time', 'saml.notBefore', change(/NotBefore="[^"]*"/, 'NotBefore=""')],
    [
      'Conditions that have ended',
      'saml.expired',
      change(/(<saml:Conditions [^>]*)NotOnOrAfter="[^"]*"/, '$1NotOnOrAfter="2026-05-04T11:59:00Z"'),
    ],
    ['another audience', 'saml.audience', { draft: { audience: other } }],
    ['an audience that only begins right', 'saml.audience', { draft: { audience: 'https://sluice.example.evil' } }],
    ['an audience with an element in it', 'saml.audience', change('</saml:Audience>', '<x></x></saml:Audience>')],
    ['an empty AudienceRestriction', 'saml.audience', change(/<saml:Audience>.*<\/saml:Audience>/, '')],
    [
      'a second AudienceRestriction for others',
      'saml.audience',
      change(
        '</saml:Conditions>',
        `<saml:AudienceRestriction><saml:Audience>${other}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
      ),
    ],
    [
      'a session that has ended',
      'saml.session',
      change('<saml:AuthnStatement ', '<saml:AuthnStatement SessionNotOnOrAfter="2026-05-04T11:00:00Z" '),
    ],
    ['no attribute with the user id', 'saml.user', {}, { userId: { source: 'attribute', attribute: 'uid' } }],
    ['two values for the user id', 'saml.user', {}, { userId: { source: 'attribute', attribute: 'department' } }],
    ['no skew, where the provider allows none', 'saml.confirmation.expired', {}, { skew: 0 }, noon + 5 * minute],
  ]
  for (const [what, check, forgery, given, now] of badly)
    it(`is refused for ${what}: ${check}`, async () => assert.equal(await read(forgery, given, now), check))

  it('counts once, also in the skew after its end, and by issuer', async () => {
    const reader = testReader(provider, { now: noon + 5 * minute + 1000 })
    const sent = encoded(forged(signer))
    assert.equal(outcomeOf(await reader.saml(sent, testAudience)), 'user alice@example.com')
    assert.equal(outcomeOf(await reader.saml(sent, testAudience)), 'saml.replay')
    const again = encoded(forged(signer, { draft: { subject: { nameId: 'bob' } } }))
    assert.equal(outcomeOf(await reader.saml(again, testAudience)), 'saml.replay')
    const spent: unknown[] = []
    const { createAssertionReader } = await import('./index.ts')
    await createAssertionReader({
      providers: { identityProviderOf: () => provider },
      spent: { spend: async (...given) => spent.push(given) > 0 },
      clock: { now: () => noon, monotonic: () => 0 },
    }).saml(sent, testAudience)
    assert.deepEqual(spent, [['https://idp.example', '_a1', noon + 6 * minute]])
  })

  it('is not spent when it is refused', async () => {
    const reader = testReader(provider)
    const wrong = { ...testAudience, recipients: [other] }
    assert.equal(outcomeOf(await reader.saml(encoded(forged(signer)), wrong)), 'saml.recipient')
    assert.equal(outcomeOf(await reader.saml(encoded(forged(signer)), testAudience)), 'user alice@example.com')
  })

  it('does not count where it cannot be noted that it was', async () => {
    const { createAssertionReader } = await import('./index.ts')
    const reader = createAssertionReader({
      providers: { identityProviderOf: () => provider },
      spent: { spend: () => Promise.reject(new Error('no database')) },
      clock: { now: () => noon, monotonic: () => 0 },
    })
    await assert.rejects(reader.saml(encoded(forged(signer)), testAudience), /no database/)
  })
})
