import { type X509Certificate, createHash } from 'node:crypto'

import { type Clock, createBoundedMap, type Log, wordsOf } from '../base/index.ts'
import { type ParsedCertificate, parseCertificate } from './certificate.ts'
import { type Measure, type Profile, endOf, leafFailure, pinnedFailure } from './checks.ts'
import { type Crl, readCrl } from './crl.ts'
import { type TrustFailure, failureOf } from './failures.ts'
import { faults } from './faults.ts'
import { pathsOf } from './path.ts'
import { createPublicRoots } from './public-roots.ts'
import { type RevocationFetch, createRevocationFetch } from './revocation-fetch.ts'
import { type RevocationMode, createRevocationCheck } from './revocation.ts'

/** `leaf`: this very certificate is pinned, and nobody needs to have issued it. */
export interface Anchor {
  readonly kind: 'ca' | 'leaf'
  readonly certificate: X509Certificate
}

/** What a tenant trusts. */
export interface Trusted {
  readonly anchors: readonly Anchor[]
  /** DER or PEM of CRLs given by the administrator. */
  readonly crls: readonly Buffer[]
  /** The roots that come with Node are anchors, too. */
  readonly publicRoots: boolean
  readonly revocation: RevocationMode
  /** Bits; an RSA key with fewer is refused. */
  readonly minimumRsaBits: number
}

export type Verdict =
  | {
      readonly trusted: true
      /** From the leaf to the anchor; a pinned leaf alone. */
      readonly chain: readonly X509Certificate[]
      readonly anchor: X509Certificate
      /** Milliseconds since 1970: when the first certificate or revocation answer used ends. */
      readonly until: number
      /** What could not be told about revocation, where that is no refusal. */
      readonly warnings: readonly string[]
    }
  | { readonly trusted: false; readonly failure: TrustFailure }

export interface Trust {
  /**
   * From now on this is trusted; remembered verdicts are forgotten. Keeps the old state when something is unreadable.
   * @throws trust.crlUnreadable
   */
  readonly set: (trusted: Trusted) => void
  /** Refuses a list that `set` would refuse. @throws trust.crlUnreadable */
  readonly checkCrl: (crl: Buffer) => void
  /** Grows with each `set`. */
  readonly revision: number
  /**
   * Whether a leaf leads to an anchor (RFC 5280, 6). A promise only where a CRL or an OCSP answer has to be fetched.
   * `sent` is what else came in the handshake, in any order; intermediates seen before in valid paths are known.
   */
  readonly validate: (
    leaf: X509Certificate,
    sent: readonly X509Certificate[],
    profile?: Profile,
  ) => Verdict | Promise<Verdict>
}

interface State {
  readonly authorities: ReadonlyMap<string, readonly ParsedCertificate[]>
  readonly anchors: ReadonlySet<string>
  /** Anchors that cannot be read, by their subject as Node writes it. */
  readonly unreadable: ReadonlyMap<string, TrustFailure>
  readonly pinned: ReadonlySet<string>
  readonly crls: ReadonlyMap<string, Crl>
  readonly publicRoots: boolean
  readonly revocation: RevocationMode
  readonly minimumRsaBits: number
}

/** A verdict without its leaf: whoever asks again brings it. */
interface Remembered {
  readonly above: readonly X509Certificate[]
  readonly from: number
  readonly until: number
  readonly warnings: readonly string[]
}

const mostVerdicts = 4_000
const mostIntermediates = 500
/** Certificates of one handshake that are looked at; TLS itself lets through a few more. */
const mostSent = 64
/** Valid paths tried when a CA on the first of them is revoked. */
const mostPaths = 5

const nothing: State = {
  authorities: new Map(),
  anchors: new Set(),
  unreadable: new Map(),
  pinned: new Set(),
  crls: new Map(),
  publicRoots: false,
  revocation: 'hard',
  minimumRsaBits: 2048,
}

/** Path validation for one tenant; trusts nothing before the first `set`. */
export function createTrust(given: {
  readonly clock: Clock
  readonly log: Log
  readonly fetch?: RevocationFetch
}): Trust {
  const { clock, log, fetch = createRevocationFetch() } = given
  const revocation = createRevocationCheck({ clock, log, fetch })
  const rootsNamed = createPublicRoots()
  const publicRoots = new WeakSet<ParsedCertificate>()
  const verdicts = createBoundedMap<Remembered>(mostVerdicts)
  const intermediates = createBoundedMap<ParsedCertificate>(mostIntermediates)
  const signatures = new WeakMap<ParsedCertificate, WeakMap<ParsedCertificate, boolean>>()
  let state = nothing
  let revision = 0

  function set(trusted: Trusted): void {
    const crls = readCrls(trusted.crls, state.crls)
    const authorities = new Map<string, ParsedCertificate[]>()
    const anchors = new Set<string>()
    const unreadable = new Map<string, TrustFailure>()
    for (const { certificate } of trusted.anchors.filter(({ kind }) => kind === 'ca')) {
      const parsed = parsedOrFailure(certificate)
      if ('code' in parsed) {
        unreadable.set(certificate.subject, parsed)
        log.warn('trust anchor not used', { subject: certificate.subject, why: parsed.reason })
      } else if (!anchors.has(parsed.fingerprint)) {
        anchors.add(parsed.fingerprint)
        authorities.set(parsed.subject.key, [...(authorities.get(parsed.subject.key) ?? []), parsed])
      }
    }
    const leaves = trusted.anchors.filter(({ kind }) => kind === 'leaf')
    const pinned = new Set(leaves.map(({ certificate }) => certificate.fingerprint256))
    state = { ...trusted, authorities, anchors, unreadable, pinned, crls }
    revision++
    verdicts.clear()
  }

  function signed(issuer: ParsedCertificate, certificate: ParsedCertificate): boolean {
    const answers = signatures.get(certificate) ?? new WeakMap<ParsedCertificate, boolean>()
    signatures.set(certificate, answers)
    const answer = answers.get(issuer) ?? isSigned(issuer, certificate)
    answers.set(issuer, answer)
    return answer
  }

  /** Certificates that are no anchors: those sent, and those seen in valid paths before. */
  function known(sent: readonly X509Certificate[]) {
    const read = new Map<string, ParsedCertificate>()
    const unreadable = new Map<string, TrustFailure>()
    for (const certificate of sent.slice(0, mostSent)) {
      const fingerprint = certificate.fingerprint256
      if (state.anchors.has(fingerprint)) continue
      const parsed = intermediates.get(fingerprint) ?? parsedOrFailure(certificate)
      if ('code' in parsed) unreadable.set(certificate.subject, parsed)
      else read.set(fingerprint, parsed)
    }
    for (const parsed of intermediates.values())
      if (!state.anchors.has(parsed.fingerprint)) read.set(parsed.fingerprint, parsed)
    return { others: [...read.values()], unreadable }
  }

  function named(subjectKey: string, others: readonly ParsedCertificate[]): readonly ParsedCertificate[] {
    const roots = state.publicRoots ? rootsNamed(subjectKey) : []
    for (const root of roots) publicRoots.add(root)
    const anchors = [...(state.authorities.get(subjectKey) ?? []), ...roots]
    const taken = new Set(anchors.map(({ fingerprint }) => fingerprint))
    return [
      ...anchors,
      ...others.filter(({ subject, fingerprint }) => subject.key === subjectKey && !taken.has(fingerprint)),
    ]
  }

  /** Remembers what was found and gives it as a verdict. */
  function trustedBy(
    path: readonly ParsedCertificate[],
    key: string,
    until: number,
    warnings: readonly string[],
  ): Verdict {
    for (const intermediate of path.slice(1, -1)) intermediates.set(intermediate.fingerprint, intermediate)
    const remembered: Remembered = {
      above: path.slice(1).map(({ x509 }) => x509),
      from: Math.max(...path.map(({ notBefore }) => notBefore)),
      until: Math.min(until, ...path.map(endOf)),
      warnings,
    }
    verdicts.set(key, remembered)
    return verdictOf(remembered, path[0]?.x509)
  }

  function validate(
    leaf: X509Certificate,
    sent: readonly X509Certificate[],
    profile: Profile = 'client',
  ): Verdict | Promise<Verdict> {
    const key = profile + leaf.fingerprint256
    const now = clock.now()
    const remembered = verdicts.get(key)
    if (remembered !== undefined && now >= remembered.from && now <= remembered.until)
      return verdictOf(remembered, leaf)

    const parsed = parsedOrFailure(leaf)
    if ('code' in parsed) return refused(parsed)
    const { minimumRsaBits, pinned } = state
    const measure: Measure = { now, minimumRsaBits, profile }
    if (pinned.has(parsed.fingerprint)) {
      const failure = pinnedFailure(parsed, measure)
      return failure === undefined ? trustedBy([parsed], key, endOf(parsed), []) : refused(failure)
    }
    const failure = leafFailure(parsed, measure)
    if (failure !== undefined) return refused(failure)
    const { others, unreadable } = known(sent)
    const authorities = {
      named: (subjectKey: string) => named(subjectKey, others),
      unreadable: (subject: string) => unreadable.get(subject) ?? state.unreadable.get(subject),
      isAnchor: (ca: ParsedCertificate) => state.anchors.has(ca.fingerprint) || publicRoots.has(ca),
      signed,
    }
    const started = revision
    const again = () => validate(leaf, sent, profile)
    return firstUnrevoked(pathsOf(parsed, authorities, measure), key, mostPaths, undefined, () =>
      started === revision ? undefined : again(),
    )
  }

  /** The first path on which nothing is revoked; `overtaken` starts anew when what is trusted changed meanwhile. */
  function firstUnrevoked(
    paths: ReturnType<typeof pathsOf>,
    key: string,
    left: number,
    first: TrustFailure | undefined,
    overtaken: () => Verdict | Promise<Verdict> | undefined,
  ): Verdict | Promise<Verdict> {
    const next = left > 0 || first === undefined ? paths.next() : undefined
    if (next === undefined || next.done === true) return refused(first ?? (next?.value as TrustFailure))
    const path = next.value
    const { minimumRsaBits, revocation: mode } = state
    const result = revocation.check(path, { crls: [...state.crls.values()], mode, minimumRsaBits })
    const settle = ({ failure, until, warnings }: Awaited<typeof result>) =>
      failure === undefined
        ? trustedBy(path, key, until, warnings)
        : firstUnrevoked(paths, key, left - 1, first ?? failure, overtaken)
    return result instanceof Promise ? result.then((found) => overtaken() ?? settle(found)) : settle(result)
  }

  return {
    checkCrl: (crl) => void readCrls([crl], new Map()),
    set,
    get revision() {
      return revision
    },
    validate,
  }
}

const refused = (failure: TrustFailure): Verdict => ({ trusted: false, failure })

function verdictOf({ above, until, warnings }: Remembered, leaf: X509Certificate | undefined): Verdict {
  const chain = leaf === undefined ? above : [leaf, ...above]
  const anchor = chain.at(-1)
  if (anchor === undefined) return refused(failureOf('tooComplex', { what: 'the path is empty' }))
  return { trusted: true, chain, anchor, until, warnings }
}

function parsedOrFailure(certificate: X509Certificate): ParsedCertificate | TrustFailure {
  try {
    return parseCertificate(certificate)
  } catch (error) {
    const subject = (certificate.subject ?? '').replaceAll('\n', ',')
    return failureOf('malformed', { subject, what: wordsOf(error) })
  }
}

function isSigned(issuer: ParsedCertificate, certificate: ParsedCertificate): boolean {
  try {
    return certificate.x509.verify(issuer.publicKey())
  } catch {
    // OpenSSL cannot use the key, or the signature is of another kind.
    return false
  }
}

/** Lists that were there before are not read again. */
function readCrls(given: readonly Buffer[], before: ReadonlyMap<string, Crl>): ReadonlyMap<string, Crl> {
  return new Map(
    given.map((bytes, at) => {
      const digest = createHash('sha256').update(bytes).digest('base64')
      try {
        return [digest, before.get(digest) ?? readCrl(bytes, 'given')]
      } catch (cause) {
        throw faults.crlUnreadable({ number: at + 1, why: wordsOf(cause) }, { cause })
      }
    }),
  )
}
