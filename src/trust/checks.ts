import { isAccepted, weaknessOf } from './algorithms.ts'
import type { ParsedCertificate } from './certificate.ts'
import { keyUsages } from './extensions.ts'
import { type TrustFailure, failureOf } from './failures.ts'
import { comparisonsOf, isDnsName, nameBreach } from './name-constraints.ts'
import { policyBreach } from './policies.ts'

export type Profile = 'client' | 'server'

/** What all certificates of a path are measured against. */
export interface Measure {
  readonly now: number
  readonly minimumRsaBits: number
  readonly profile: Profile
}

const purposes = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' } as const
const purposeNames = { client: 'clientAuth', server: 'serverAuth' } as const
const anyPurpose = '2.5.29.37.0'
// Comparisons of names with constraints in one path; a real one needs a few dozen.
const mostComparisons = 50_000

export const isoOf = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z')

/** Times in certificates are whole seconds, and the last one counts in full (RFC 5280, 4.1.2.5). */
export const endOf = ({ notAfter }: ParsedCertificate): number => notAfter + 999

/** What holds for every certificate: that it is read, strong enough and valid now. */
function soundness(certificate: ParsedCertificate, { now, minimumRsaBits }: Measure): TrustFailure | undefined {
  const subject = certificate.subject.text
  if (certificate.unknownCritical !== undefined)
    return failureOf('criticalExtensionUnknown', { subject, what: certificate.unknownCritical })
  const weakness = weaknessOf(certificate.keyFacts, minimumRsaBits)
  if (weakness !== undefined) return failureOf('weakKey', { subject, what: weakness })
  const { isAuthority, keyUsage } = certificate
  if (!isAuthority && keyUsage?.has(keyUsages.keyCertSign) && certificate.hasBasicConstraints)
    return failureOf('malformed', { subject, what: 'it may sign certificates without being a CA' })
  if (now < certificate.notBefore) return failureOf('notYetValid', { subject, at: isoOf(certificate.notBefore) })
  return now > endOf(certificate) ? failureOf('expired', { subject, at: isoOf(certificate.notAfter) }) : undefined
}

/** What holds for what somebody issued: well-formed names and an accepted signature algorithm. */
function issuance(certificate: ParsedCertificate): TrustFailure | undefined {
  const subject = certificate.subject.text
  const refuse = (what: string) => failureOf('malformed', { subject, what })
  if (certificate.version !== 3) return refuse('it is not of version 3')
  if (certificate.serial.every((octet) => octet === 0)) return refuse('its serial number is zero')
  if (certificate.issuer.rdns.length === 0) return refuse('its issuer is empty')
  if (certificate.subject.rdns.length === 0 && !certificate.alternativeNamesCritical)
    return refuse('it has an empty subject and no critical alternative name')
  const odd = certificate.alternativeNames.find((name) => name.form === 'dns' && !isDnsName(name.value))
  if (odd !== undefined) return refuse('an alternative name is called a DNS name and is none')
  if (!isAccepted(certificate.signatureAlgorithm))
    return failureOf('weakSignature', { subject, what: certificate.signatureAlgorithm.label })
  return undefined
}

/** What holds for a leaf that was issued by a CA. `notAfter` and the like are the leaf's own here. */
export function leafFailure(leaf: ParsedCertificate, measure: Measure): TrustFailure | undefined {
  const subject = leaf.subject.text
  if (leaf.nameConstraints !== undefined && !leaf.isAuthority)
    return failureOf('malformed', { subject, what: 'it has name constraints without being a CA' })
  return (
    soundness(leaf, measure) ?? issuance(leaf) ?? purposeFailure(leaf, measure.profile, measure.profile === 'server')
  )
}

/**
 * What holds for a certificate that is pinned itself. Nobody vouches for it but who pinned it, so it needs no issuer,
 * and an extended key usage only must not say otherwise.
 */
export const pinnedFailure = (leaf: ParsedCertificate, measure: Measure): TrustFailure | undefined =>
  soundness(leaf, measure) ?? purposeFailure(leaf, measure.profile, true)

/** `anyExtendedKeyUsage` does not count: a certificate for everything was made for nothing in particular. */
function purposeFailure(leaf: ParsedCertificate, profile: Profile, mayLack: boolean): TrustFailure | undefined {
  const { extendedKeyUsage, keyUsage } = leaf
  const refuse = (what: string) =>
    failureOf(profile === 'client' ? 'notForClients' : 'notForPurpose', { subject: leaf.subject.text, what })
  if (extendedKeyUsage === undefined) return mayLack ? undefined : refuse('it has no extended key usage')
  if (!extendedKeyUsage.includes(purposes[profile]))
    return refuse(`its extended key usage lacks ${purposeNames[profile]}`)
  if (profile === 'server' || keyUsage === undefined) return undefined
  const signs = keyUsage.has(keyUsages.digitalSignature) || keyUsage.has(keyUsages.keyAgreement)
  return signs ? undefined : refuse('its key usage allows neither digitalSignature nor keyAgreement')
}

/** What holds for a CA on a path; an anchor's own signature is not looked at, the administrator vouches for it. */
export function authorityFailure(ca: ParsedCertificate, measure: Measure, isAnchor: boolean): TrustFailure | undefined {
  const subject = ca.subject.text
  const refuse = (what: string) => failureOf('notAuthority', { subject, what })
  if (!ca.hasBasicConstraints) return refuse('it has no basic constraints')
  if (!ca.isAuthority) return refuse('its basic constraints say that it is no CA')
  if (ca.keyUsage?.has(keyUsages.keyCertSign) === false) return refuse('its key usage lacks keyCertSign')
  if (ca.subject.rdns.length === 0) return failureOf('malformed', { subject, what: 'a CA without a name' })
  const purpose = purposes[measure.profile]
  if (ca.extendedKeyUsage && !ca.extendedKeyUsage.some((usage) => usage === purpose || usage === anyPurpose))
    return measure.profile === 'client'
      ? failureOf('notForClients', { subject, what: 'this CA may not issue for clientAuth' })
      : failureOf('notForPurpose', { subject, what: 'this CA may not issue for serverAuth' })
  const unsound = soundness(ca, measure) ?? (isAnchor ? undefined : issuance(ca))
  if (unsound?.code === 'expired')
    return failureOf('intermediateExpired', { subject, what: 'it expired at', at: isoOf(ca.notAfter) })
  if (unsound?.code === 'notYetValid')
    return failureOf('intermediateExpired', { subject, what: 'it begins at', at: isoOf(ca.notBefore) })
  return unsound
}

/** What only a whole path shows. @param path from the leaf up to the anchor, each signed by the next */
export function pathFailure(path: readonly ParsedCertificate[]): TrustFailure | undefined {
  return lengthFailure(path) ?? constraintsFailure(path) ?? policyFailure(path)
}

function policyFailure(path: readonly ParsedCertificate[]): TrustFailure | undefined {
  const what = policyBreach(path.slice(0, -1).reverse())
  return what === undefined ? undefined : failureOf('policyInvalid', { subject: path[0]?.subject.text ?? '', what })
}

function lengthFailure(path: readonly ParsedCertificate[]): TrustFailure | undefined {
  /** CAs below, self-issued ones not counted (RFC 5280, 4.2.1.9). */
  let below = 0
  for (const ca of path.slice(1)) {
    if (ca.pathLength !== undefined && below > ca.pathLength)
      return failureOf('pathTooLong', { subject: ca.subject.text, what: `${below} CAs below it, not ${ca.pathLength}` })
    if (!ca.selfIssued) below++
  }
  return undefined
}

function constraintsFailure(path: readonly ParsedCertificate[]): TrustFailure | undefined {
  let left = mostComparisons
  for (const [at, ca] of path.entries()) {
    const constraints = at > 0 ? ca.nameConstraints : undefined
    if (constraints === undefined) continue
    for (const [depth, certificate] of path.slice(0, at).entries()) {
      if (depth > 0 && certificate.selfIssued) continue
      const subject = certificate.subject.text
      left -= comparisonsOf(constraints, certificate)
      if (left < 0) return failureOf('tooComplex', { subject, what: 'too many names and name constraints' })
      const breach = nameBreach(constraints, certificate)
      if (breach !== undefined) return failureOf('nameConstraints', { subject, issuer: ca.subject.text, what: breach })
    }
  }
  return undefined
}
