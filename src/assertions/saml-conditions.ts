import type { Element } from 'slimdom'

import type { IdentityProvider } from '../identity/index.ts'
import type { Audience } from './contracts.ts'
import { childrenOf, namespaces, plainText } from './saml-names.ts'
import { samlTime } from './saml-time.ts'
import type { Trail } from './trail.ts'

/** What times, audiences and recipients are compared with. */
export interface Expected {
  readonly provider: IdentityProvider
  readonly audience: Audience
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds. */
  readonly skew: number
  readonly trail: Trail
}

/** Longest time that an assertion counts, in milliseconds: its id is remembered as long. */
export const longestLife = 86_400_000

const known: readonly string[] = ['AudienceRestriction', 'OneTimeUse']

/** Checks Conditions and tells when they end, in milliseconds since 1970; Infinity where they say no end. */
export function checkConditions(assertion: Element, { provider, audience, now, skew, trail }: Expected): number {
  const [conditions, ...others] = childrenOf(assertion, 'saml', 'Conditions')
  const names = conditions?.children.map(({ localName }) => localName) ?? []
  const unknown = conditions?.children.find(
    ({ localName, namespaceURI }) => namespaceURI !== namespaces.saml || !known.includes(localName),
  )
  const fits = others.length === 0 && unknown === undefined && names.includes('AudienceRestriction')
  const seen = { expected: 'AudienceRestriction, OneTimeUse', found: names.join(', ') }
  if (conditions === undefined) return trail.stop('saml.conditions', seen)
  trail.check('saml.conditions', fits, seen)

  const from = conditions.getAttribute('NotBefore')
  if (from !== null) {
    const begun = (samlTime(from) ?? Infinity) <= now + skew
    trail.check('saml.notBefore', begun, { expected: `until ${new Date(now + skew).toISOString()}`, found: from })
  }
  const to = conditions.getAttribute('NotOnOrAfter')
  const until = to === null ? Infinity : (samlTime(to) ?? -Infinity)
  const after = `after ${new Date(now - skew).toISOString()}`
  if (to !== null) trail.check('saml.expired', now - skew < until, { expected: after, found: to })

  const accepted = [...new Set([...audience.audiences, ...provider.audiences])]
  for (const restriction of childrenOf(conditions, 'saml', 'AudienceRestriction')) {
    const named = childrenOf(restriction, 'saml', 'Audience').map((each) => plainText(each) ?? '')
    const ours = named.some((name) => accepted.includes(name))
    trail.check('saml.audience', ours, { expected: accepted.join(', '), found: named.join(', ') })
  }
  return until
}
