import type { ParsedCertificate } from './certificate.ts'
import { type Measure, authorityFailure, pathFailure } from './checks.ts'
import { wholeOf } from './der.ts'
import { type TrustFailure, failureOf } from './failures.ts'

/** Where certificates of CAs are looked for. */
export interface Authorities {
  /** Certificates with this subject: anchors first, then the others. May hold some that are of no use. */
  readonly named: (subjectKey: string) => readonly ParsedCertificate[]
  readonly isAnchor: (certificate: ParsedCertificate) => boolean
  /** Why a certificate with this subject, as Node writes it, is there but cannot be read. */
  readonly unreadable: (subject: string) => TrustFailure | undefined
  /** Whether the one signed the other; asked at most `mostSignatures` times. */
  readonly signed: (issuer: ParsedCertificate, certificate: ParsedCertificate) => boolean
}

/** Certificates in a path, leaf and anchor included. */
const longestPath = 10
/** Signatures checked for one leaf; what counts is that there is an end, since whoever connects can send anything. */
const mostSignatures = 60
/** Candidates looked at for one leaf, without checking their signature. */
const mostCandidates = 2_000

/** How near a failed attempt came to an anchor: the failure of the one that came nearest is told. */
const ranks = { unknown: 0, candidate: 1, path: 2, bounds: 3 } as const

/**
 * Every path from a leaf to an anchor that is valid apart from revocation, one after the other: a CA can have several
 * certificates and several keys, and the first attempt can be a dead end. Returns why there are no more.
 */
export function* pathsOf(
  leaf: ParsedCertificate,
  authorities: Authorities,
  measure: Measure,
): Generator<readonly ParsedCertificate[], TrustFailure> {
  const verdicts = new Map<ParsedCertificate, TrustFailure | undefined>()
  let signatures = mostSignatures
  let candidates = mostCandidates
  let best: { readonly rank: number; readonly failure: TrustFailure } | undefined

  const note = (rank: number, failure: TrustFailure) => {
    if (best === undefined || rank > best.rank) best = { rank, failure }
  }

  function verdictOn(ca: ParsedCertificate): TrustFailure | undefined {
    if (!verdicts.has(ca)) verdicts.set(ca, authorityFailure(ca, measure, authorities.isAnchor(ca)))
    return verdicts.get(ca)
  }

  function* extend(path: readonly ParsedCertificate[]): Generator<readonly ParsedCertificate[]> {
    const last = path.at(-1) ?? leaf
    const found = authorities.named(last.issuer.key).filter((ca) => !path.some((known) => isSame(known, ca)))
    if (found.length === 0) note(ranks.unknown, authorities.unreadable(last.x509.issuer) ?? deadEnd(path, last))
    for (const ca of byLikelihood(found, last)) {
      if (candidates-- <= 0 || signatures <= 0) {
        const what = `more than ${candidates < 0 ? mostCandidates : mostSignatures} attempts`
        note(ranks.bounds, failureOf('tooComplex', { subject: leaf.subject.text, what }))
        return
      }
      const refused = verdictOn(ca)
      if (refused !== undefined) {
        note(ranks.candidate, refused)
        continue
      }
      signatures--
      if (!authorities.signed(ca, last)) {
        const names = { subject: last.subject.text, issuer: ca.subject.text }
        note(ranks.candidate, failureOf('signatureInvalid', names))
        continue
      }
      const longer = [...path, ca]
      if (authorities.isAnchor(ca)) {
        const failure = pathFailure(longer)
        if (failure === undefined) yield longer
        else note(ranks.path, failure)
      } else if (longer.length < longestPath) yield* extend(longer)
      else {
        const what = `no trust anchor among ${longestPath} certificates`
        note(ranks.path, failureOf('tooComplex', { subject: leaf.subject.text, what }))
      }
    }
  }

  yield* extend([leaf])
  return best?.failure ?? failureOf('tooComplex', { subject: leaf.subject.text, what: 'no attempt was possible' })
}

/** The same CA under the same key is on a path once, however many certificates it has (RFC 4158, 2.4.2). */
const isSame = (one: ParsedCertificate, other: ParsedCertificate): boolean =>
  one.fingerprint === other.fingerprint ||
  (one.subject.key === other.subject.key && wholeOf(one.spki).equals(wholeOf(other.spki)))

function byLikelihood(found: readonly ParsedCertificate[], { authorityKeyId }: ParsedCertificate) {
  if (authorityKeyId === undefined || found.length < 2) return found
  const fits = ({ subjectKeyId }: ParsedCertificate) => subjectKeyId === authorityKeyId
  return [...found.filter(fits), ...found.filter((ca) => !fits(ca))]
}

function deadEnd(path: readonly ParsedCertificate[], last: ParsedCertificate): TrustFailure {
  const subject = last.subject.text
  if (last.selfIssued) return failureOf(path.length === 1 ? 'selfSigned' : 'untrusted', { subject })
  return failureOf('issuerMissing', { subject, issuer: last.issuer.text, what: last.issuerUrls[0] ?? '' })
}
