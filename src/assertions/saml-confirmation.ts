import type { Element } from 'slimdom'

import { type Expected, longestLife } from './saml-conditions.ts'
import { childrenOf, uris } from './saml-names.ts'
import { samlTime } from './saml-time.ts'
import { createTrail, type Trail } from './trail.ts'

/**
 * Checks the bearer confirmations, one of which has to fit (RFC 7522 3, 5), and tells when it ends, in milliseconds
 * since 1970.
 */
export function checkConfirmation(assertion: Element, expected: Expected): number {
  const [subject] = childrenOf(assertion, 'saml', 'Subject')
  const confirmations = childrenOf(subject, 'saml', 'SubjectConfirmation')
  const methods = confirmations.map((each) => each.getAttribute('Method') ?? '')
  const [first, ...others] = confirmations
    .filter((_, index) => methods[index] === uris.bearer)
    .flatMap((each) => childrenOf(each, 'saml', 'SubjectConfirmationData').slice(0, 1))
  const seen = { expected: uris.bearer, found: methods.join(', ') }
  if (first === undefined) return expected.trail.stop('saml.confirmation', seen)
  expected.trail.check('saml.confirmation', true, seen)
  // What is said about a failure is said about the first, unless another one fits.
  const best = [first, ...others].find((data) => confirms(data, expected)) ?? first
  return checkData(best, expected, expected.trail)
}

function confirms(data: Element, expected: Expected): boolean {
  const trail = createTrail({ strict: false })
  checkData(data, expected, trail)
  return trail.findings.every(({ state }) => state === 'ok')
}

function checkData(data: Element, { provider, audience, now, skew }: Expected, trail: Trail): number {
  const absent = [
    ['saml.confirmation.inResponseTo', 'InResponseTo'],
    ['saml.confirmation.notBefore', 'NotBefore'],
    ['saml.confirmation.address', 'Address'],
  ] as const
  for (const [check, name] of absent) {
    const value = data.getAttribute(name)
    if (value !== null) trail.check(check, false, { expected: 'not there', found: value || 'nothing' })
  }
  const recipient = data.getAttribute('Recipient') ?? ''
  const accepted = [...new Set([...audience.recipients, ...provider.recipients])]
  trail.check('saml.recipient', recipient !== '' && accepted.includes(recipient), {
    expected: accepted.join(', '),
    found: recipient,
  })
  const end = data.getAttribute('NotOnOrAfter') ?? ''
  const until = samlTime(end) ?? -Infinity
  const after = `after ${new Date(now - skew).toISOString()}`
  trail.check('saml.confirmation.expired', now - skew < until, { expected: after, found: end })
  const latest = now + longestLife
  trail.check('saml.lifetime', until <= latest, { expected: `until ${new Date(latest).toISOString()}`, found: end })
  return until
}
