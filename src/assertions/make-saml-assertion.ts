import { randomBytes } from 'node:crypto'

import { escapeXml } from '../formats/xml.ts'
import type { SamlDraft, SamlSigner } from './contracts.ts'
import { faults } from './faults.ts'
import { namespaces, uris } from './saml-names.ts'
import { samlTimeOf } from './saml-time.ts'
import { signSamlAssertion } from './sign-saml-assertion.ts'

const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
const anyContext = 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified'

/**
 * A signed SAML 2.0 bearer assertion (RFC 7522 3) as XML. The algorithm is a JOSE name, by default the usual one of
 * the key.
 * @throws assertions.draftInvalid, assertions.keyUnfit, assertions.certificateOfAnother
 */
export const makeSamlAssertion = (draft: SamlDraft, key: SamlSigner, algorithm?: string): string =>
  signSamlAssertion(unsignedAssertion(draft), key, algorithm)

/** The assertion before it is signed. @throws assertions.draftInvalid */
export function unsignedAssertion(draft: SamlDraft): string {
  const problems = problemsOf(draft)
  if (problems.length > 0) throw faults.draftInvalid({ problems })
  const { issuer, subject, audience, recipient, attributes, authnContext, sessionIndex } = draft
  const { id = `_${randomBytes(16).toString('hex')}` } = draft
  const [from, to] = [samlTimeOf(draft.notBefore), samlTimeOf(draft.notOnOrAfter)]
  const confirmation = element('SubjectConfirmation', { Method: uris.bearer }, [
    element('SubjectConfirmationData', { NotOnOrAfter: to, Recipient: recipient }, []),
  ])
  const session = sessionIndex === undefined ? {} : { SessionIndex: sessionIndex }
  const context = element('AuthnContext', {}, [
    element('AuthnContextClassRef', {}, [escapeXml(authnContext ?? anyContext)]),
  ])
  const named = Object.entries(attributes).map(([name, values]) =>
    element(
      'Attribute',
      { Name: name },
      values.map((value) => element('AttributeValue', {}, [escapeXml(value)])),
    ),
  )
  return element('Assertion', { 'xmlns:saml': namespaces.saml, ID: id, IssueInstant: from, Version: '2.0' }, [
    element('Issuer', {}, [escapeXml(issuer)]),
    element('Subject', {}, [
      element('NameID', { Format: subject.format ?? unspecified }, [escapeXml(subject.nameId)]),
      confirmation,
    ]),
    element('Conditions', { NotBefore: from, NotOnOrAfter: to }, [
      element('AudienceRestriction', {}, [element('Audience', {}, [escapeXml(audience)])]),
    ]),
    element('AuthnStatement', { AuthnInstant: from, ...session }, [context]),
    ...(named.length === 0 ? [] : [element('AttributeStatement', {}, named)]),
  ])
}

function problemsOf(draft: SamlDraft): readonly string[] {
  const { issuer, subject, audience, recipient, notBefore, notOnOrAfter, attributes, id } = draft
  const texts = { issuer, user: subject.nameId, audience, recipient }
  const all = [...Object.values(texts), ...Object.keys(attributes), ...Object.values(attributes).flat()]
  return [
    ...Object.entries(texts).flatMap(([name, value]) => (value === '' ? [`${name} is empty`] : [])),
    ...(Object.keys(attributes).includes('') ? ['an attribute has no name'] : []),
    ...(all.some(isNotXml) ? ['a text has a character that XML does not know'] : []),
    ...(notBefore < notOnOrAfter ? [] : ['it ends before it begins']),
    ...(id === undefined || /^[A-Za-z_][\w.-]{0,255}$/.test(id) ? [] : ['id is no XML name']),
  ]
}

// oxlint-disable-next-line no-control-regex
const isNotXml = (text: string): boolean =>
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) || !text.isWellFormed()

function element(name: string, attributes: Readonly<Record<string, string>>, content: readonly string[]): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${attributeText(value)}"`)
  return `<saml:${name}${pairs.join('')}>${content.join('')}</saml:${name}>`
}

// A tab or line end in an attribute would be read as a blank.
const attributeText = (text: string): string => escapeXml(text).replaceAll('\t', '&#9;').replaceAll('\n', '&#10;')
