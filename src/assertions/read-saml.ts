import type { Element } from 'slimdom'

import type { IdentityProvider } from '../identity/index.ts'
import type { Asserted, Audience, ReaderParts } from './contracts.ts'
import { decodeBase64, decodeUtf8, longestEncoded } from './decode-assertion.ts'
import { parseAssertion } from './parse-assertion.ts'
import { checkConditions } from './saml-conditions.ts'
import { checkConfirmation } from './saml-confirmation.ts'
import { childrenOf, namespaces, plainText } from './saml-names.ts'
import { signedText } from './saml-signature.ts'
import { samlTime } from './saml-time.ts'
import type { Trail } from './trail.ts'
import { attributesBy, type AttributeValues, groupsBy, isUserName } from './who-asserted.ts'

/** What a reader needs for one assertion. */
export interface Reading {
  readonly providerOf: ReaderParts['providers']['identityProviderOf']
  readonly audience: Audience
  /** Milliseconds since 1970. */
  readonly now: number
  readonly trail: Trail
}

/** The XML of an assertion as it is sent. */
export function decodeSaml(assertion: string, trail: Trail): string {
  const { length } = assertion
  if (length > longestEncoded)
    trail.stop('saml.size', { expected: `${longestEncoded} characters`, found: `${length} characters` })
  const decoded = decodeBase64(assertion)
  const text = decoded === undefined ? undefined : decodeUtf8(decoded.bytes)
  const seen = { expected: 'base64url or base64', found: decoded?.encoding ?? (length === 0 ? '' : 'neither') }
  if (text === undefined) return trail.stop('saml.encoding', seen)
  trail.check('saml.encoding', true, seen)
  return text
}

/** Reads an assertion and checks all but that it is used once. Everything is read from what the signature covers. */
export function readSaml(xml: string, reading: Reading): Asserted & { readonly skew: number } {
  const { trail, now } = reading
  const document = parseAssertion(xml, trail)
  const version = document.getAttribute('Version') ?? ''
  trail.check('saml.version', version === '2.0', { expected: '2.0', found: version })
  const id = document.getAttribute('ID') ?? ''
  const idFits = /^[A-Za-z_][\w.-]{0,255}$/.test(id)
  trail.check('saml.id', idFits, { expected: 'an XML name', found: id })
  const provider = providerFor(document, reading)
  const assertion = parseAssertion(signedText(document, { provider, now, trail }), trail)
  if (issuerOf(assertion) !== provider.issuer)
    trail.stop('saml.issuer', { expected: provider.issuer, found: issuerOf(assertion) })

  const skew = provider.skew * 1000
  const instant = assertion.getAttribute('IssueInstant') ?? ''
  const issued = samlTime(instant)
  const instantSeen = { expected: `until ${new Date(now + skew).toISOString()}`, found: instant }
  trail.check('saml.issueInstant', issued !== undefined && issued <= now + skew, instantSeen)
  const nameId = nameIdOf(assertion, trail)
  const given = { provider, audience: reading.audience, now, skew, trail }
  const until = Math.min(checkConfirmation(assertion, given), checkConditions(assertion, given))
  checkSession(assertion, given)

  const attributes = attributesOf(assertion)
  const user = userOf(provider, nameId, attributes, trail)
  return {
    user,
    issuer: provider.issuer,
    id: assertion.getAttribute('ID') ?? '',
    until,
    actors: [],
    attributes: attributesBy(provider, attributes),
    groups: groupsBy(provider, attributes),
    skew,
  }
}

const issuerOf = (assertion: Element): string => plainText(childrenOf(assertion, 'saml', 'Issuer')[0]) ?? ''

function providerFor(assertion: Element, { providerOf, audience, trail }: Reading): IdentityProvider {
  const issuer = issuerOf(assertion)
  const [first, ...others] = childrenOf(assertion, 'saml', 'Issuer')
  const provider = first !== undefined && others.length === 0 ? providerOf(issuer) : undefined
  const seen = { expected: provider?.issuer ?? 'the issuer of a trusted identity provider', found: issuer }
  if (provider?.issuer !== issuer) return trail.stop('saml.issuer', seen)
  trail.check('saml.issuer', true, seen)
  trail.check('saml.provider', provider.enabled, { expected: 'on', found: provider.enabled ? 'on' : 'off' })
  const { clients } = provider
  const mayBring = clients.length === 0 || audience.client.some((client) => clients.includes(client))
  trail.check('saml.client', mayBring, { expected: clients.join(', ') || 'any', found: audience.client.join(', ') })
  return provider
}

function nameIdOf(assertion: Element, trail: Trail): string {
  const subjects = childrenOf(assertion, 'saml', 'Subject')
  const names = childrenOf(subjects[0], 'saml', 'NameID')
  const name = plainText(names[0])
  const fits = subjects.length === 1 && names.length === 1 && name !== undefined && isUserName(name)
  trail.check('saml.subject', fits, { expected: 'one user id', found: name ?? '' })
  return name ?? ''
}

function checkSession(assertion: Element, { now, skew, trail }: { now: number; skew: number; trail: Trail }): void {
  for (const statement of childrenOf(assertion, 'saml', 'AuthnStatement')) {
    const end = statement.getAttribute('SessionNotOnOrAfter')
    if (end === null) continue
    const time = samlTime(end)
    const expected = `after ${new Date(now - skew).toISOString()}`
    trail.check('saml.session', time !== undefined && now - skew < time, { expected, found: end })
  }
}

/** Values that are text; others, such as structures, are left out. */
function attributesOf(assertion: Element): AttributeValues {
  const found = new Map<string, readonly string[]>()
  for (const statement of childrenOf(assertion, 'saml', 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, 'saml', 'Attribute')) {
      const name = attribute.getAttribute('Name') ?? ''
      const values = childrenOf(attribute, 'saml', 'AttributeValue')
        .filter((value) => !/^(?:true|1)$/.test(value.getAttributeNS(namespaces.xsi, 'nil') ?? ''))
        .flatMap((value) => plainText(value) ?? [])
      if (name !== '') found.set(name, [...(found.get(name) ?? []), ...values])
    }
  }
  return found
}

function userOf({ userId }: IdentityProvider, nameId: string, attributes: AttributeValues, trail: Trail): string {
  if (userId.source === 'nameId') return nameId
  const [user = '', ...others] = attributes.get(userId.attribute) ?? []
  const fits = isUserName(user) && others.length === 0
  const found = others.length > 0 ? `${others.length + 1} values` : user
  trail.check('saml.user', fits, { expected: `one value of ${userId.attribute}`, found })
  return user
}
