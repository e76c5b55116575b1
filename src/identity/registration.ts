import type { Clock } from '../base/index.ts'
import { pairOf } from '../keystore/index.ts'
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts'
import { faults } from './faults.ts'
import { authored } from './names.ts'
import type { CertificateTrust, TrustVerdict } from './ports.ts'
import type { Holder, RegisteredCertificate } from './records.ts'
import type { Draft, Registry, View } from './registry.ts'
import { policyOf } from './tenant-policy.ts'

/** A certificate that can be registered, with what path validation says of it. */
export interface Candidate extends ClientCertificate {
  /** Undefined where nobody is asked. */
  readonly verdict: TrustVerdict | undefined
}

/** The time in which a registered certificate counts, milliseconds since 1970; undefined is open. */
export interface Window {
  readonly from?: number | undefined
  readonly until?: number | undefined
}

/** Registers certificates for whatever they identify: the rules are the same for all holders. */
export interface Registrar {
  /**
   * Reads a certificate and asks whether it is trusted.
   * @throws keystore.certificateUnreadable and the identity.certificate… faults of `readClientCertificate`
   */
  readonly prepare: (certificate: string | Uint8Array) => Promise<Candidate>
  /**
   * @throws identity.registrationInvalid, certificateTaken, certificatesAmbiguous, certificateUntrusted
   */
  readonly register: (
    draft: Draft,
    candidate: Candidate,
    given: Window & { readonly holder: Holder; readonly author: string; readonly pem?: string | undefined },
  ) => RegisteredCertificate
}

export function createRegistrar(given: {
  readonly registry: Registry
  readonly clock: Clock
  readonly trust: CertificateTrust | undefined
}): Registrar {
  const { registry, clock, trust } = given
  return {
    async prepare(certificate) {
      const { minimumRsaBits } = policyOf(registry.view())
      const read = readClientCertificate(certificate, { now: clock.now(), minimumRsaBits })
      return { ...read, verdict: await trust?.validate(read.leaf, read.sent) }
    },
    register(draft, candidate, { holder, author, pem = candidate.pem, from, until }) {
      const { fingerprint, subject, issuer, serialNumber, validFrom, validTo } = candidate.facts
      const problems = windowProblems({ from, until }, { validFrom, validTo })
      if (problems.length > 0) throw faults.registrationInvalid({ problems })
      const present = draft.of('certificate').get(fingerprint)
      const by = present ? holderWords(draft, present.holder) : signerWords(draft, fingerprint)
      if (by !== undefined) throw faults.certificateTaken({ fingerprint, by })
      const facts = { fingerprint, holder, pem, subject, issuer, serialNumber, validFrom, validTo }
      const record = draft.put('certificate', { ...facts, from, until, ...authored(author, clock.now()) })
      refuseAmbiguous(draft, record)
      if (candidate.verdict?.trusted === false)
        pin(draft, holder, candidate, candidate.verdict.failure, author, clock.now())
      return record
    },
  }
}

/** Failures that a pinned leaf overcomes: nothing is wrong with the certificate but that it leads to no anchor. */
const leadsNowhere = new Set(['issuerMissing', 'untrusted', 'selfSigned'])

/** Trusts a certificate as it is, where the policy allows that. */
function pin(
  draft: Draft,
  holder: Holder,
  { facts, pem }: Candidate,
  failure: { readonly code: string; readonly reason: string },
  author: string,
  now: number,
): void {
  const { fingerprint, subject, issuer } = facts
  const early = failure.code === 'notYetValid'
  const { pinOnRegistration } = policyOf(draft)
  if (pinOnRegistration && isExact(draft, holder) && (early || leadsNowhere.has(failure.code))) {
    if (draft.of('anchor').has(fingerprint)) return
    const name = commonNameOf(subject)
    draft.put('anchor', { fingerprint, kind: 'leaf', name, pem, origin: 'registration', ...authored(author, now) })
  } else if (!early)
    throw faults.certificateUntrusted({
      subject,
      selfSigned: subject === issuer,
      // Renewed certificates count only if a trusted CA issued them: without one, nothing could ever be renewed.
      reason: isExact(draft, holder)
        ? failure.reason
        : `${failure.reason} A key that is not pinned needs a trusted CA.`,
    })
}

/** The common name, or the whole name where there is none. */
export const commonNameOf = (subject: string): string =>
  (/(?:^|[,+])CN=((?:\\.|[^,+\\])+)/.exec(subject)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? subject).slice(0, 150) ||
  'no name'

/** Ends a registration, with the trust that came with it. */
export function dropCertificate(draft: Draft, fingerprint: string): void {
  draft.drop('certificate', fingerprint)
  if (draft.of('anchor').get(fingerprint)?.origin === 'registration') draft.drop('anchor', fingerprint)
}

const pairs = new WeakMap<RegisteredCertificate, { readonly pair: string | undefined }>()

/** Subject and issuer in comparable form, worked out once per record: it costs more than all else in an index. */
export function pairOfCertificate(certificate: RegisteredCertificate): string | undefined {
  let known = pairs.get(certificate)
  if (known === undefined) {
    known = { pair: pairOf(certificate.subject, certificate.issuer) }
    pairs.set(certificate, known)
  }
  return known.pair
}

/** Whether exactly this certificate counts for its holder, or those that renew it, too. */
export const isExact = (view: View, { kind, id }: Holder): boolean =>
  kind !== 'key' || view.of('key').get(id)?.pinned !== false

/** Names with an unpinned key belong to that key alone: nobody could say whose a renewed certificate is. */
function refuseAmbiguous(draft: Draft, certificate: RegisteredCertificate): void {
  const { subject, issuer, holder } = certificate
  const exact = isExact(draft, holder)
  const pair = pairOfCertificate(certificate)
  if (pair === undefined) {
    if (exact) return
    throw faults.registrationInvalid({ problems: ['its names cannot be compared with those of a renewed one: pin it'] })
  }
  for (const other of draft.of('certificate').values()) {
    if (exact && isExact(draft, other.holder)) continue
    if (other.holder.kind === holder.kind && other.holder.id === holder.id) continue
    if (pairOfCertificate(other) === pair)
      throw faults.certificatesAmbiguous({ subject, issuer, by: holderWords(draft, other.holder) })
  }
}

/** What a certificate is registered for, in words. */
export function holderWords(view: View, { kind, id }: Holder): string {
  if (kind === 'user') return `user '${id}'`
  if (kind === 'channel') return `channel certificate '${id}'`
  if (kind === 'proxy') return `trusted proxy '${id}'`
  const key = view.of('key').get(id)
  if (key === undefined) return `service key '${id}'`
  const instance = view.of('instance').get(key.instanceId)
  return `service key '${key.name}' of the instance '${instance?.name ?? key.instanceId}'`
}

/** Which identity provider signs by a certificate, in words; one is left out where it asks for itself. */
export function signerWords(view: View, fingerprint: string, except?: string): string | undefined {
  for (const { id, name, certificates } of view.of('identityProvider').values())
    if (id !== except && certificates.some((each) => each.fingerprint === fingerprint))
      return `identity provider '${name}'`
  return undefined
}

/** What is wrong with the window in which a certificate is to count. */
export function windowProblems(
  { from, until }: Window,
  { validFrom, validTo }: { readonly validFrom: number; readonly validTo: number },
): readonly string[] {
  const valid = `${new Date(validFrom).toISOString()} to ${new Date(validTo).toISOString()}`
  const outside = (what: string, time: number | undefined) =>
    time === undefined || (Number.isInteger(time) && time >= validFrom && time <= validTo)
      ? []
      : [`${what} must be a time in milliseconds in which the certificate is valid (${valid})`]
  const reversed = from !== undefined && until !== undefined && !(until > from)
  return [...outside('from', from), ...outside('until', until), ...(reversed ? ['until must be after from'] : [])]
}

/** @throws identity.certificateUnknown */
export function certificateOf(view: View, fingerprint: string, kind?: Holder['kind']): RegisteredCertificate {
  const certificate = view.of('certificate').get(fingerprint.toLowerCase())
  if (certificate === undefined || (kind !== undefined && certificate.holder.kind !== kind))
    throw faults.certificateUnknown({ fingerprint })
  return certificate
}

/** Certificates of a key, oldest first. */
export const certificatesOfKey = (view: View, keyId: string): readonly RegisteredCertificate[] =>
  [...view.of('certificate').values()]
    .filter(({ holder }) => holder.kind === 'key' && holder.id === keyId)
    .sort((one, other) => one.createdAt - other.createdAt || one.validFrom - other.validFrom)

/** A certificate as a candidate that needs no judgement: our own, or one that was judged already. */
export const judgedCandidate = (read: ClientCertificate): Candidate => ({ ...read, verdict: undefined })
