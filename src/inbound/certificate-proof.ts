import { type Clock, type Log, wordsOf } from '../base/index.ts'
import type { CertificateHolder, Holder, Identified, Identity } from '../identity/index.ts'
import type { Trust, Verdict } from '../trust/index.ts'
import type { Presented } from './connection.ts'
import { type Refused, refused, refusedCertificate } from './refusals.ts'

/** Whose a certificate is. What is not a client's identifies nobody: it counts only where a channel lists its names. */
export type Owner =
  | { readonly kind: 'client' | 'channel' | 'unregistered'; readonly identified: Identified }
  | { readonly kind: 'proxy'; readonly name: string }

/** What was found out about a certificate, and for how long that counts. */
export interface CertificateProof {
  readonly identityRevision: number
  readonly trustRevision: number
  /** Milliseconds since 1970; in the past where it must be found out again each time. */
  readonly until: number
  readonly outcome: Owner | Refused
}

type Trusting = Extract<Verdict, { readonly trusted: true }>

/** Finds out whose a certificate is. A dry run accepts no renewal, but says whether one would be accepted. */
export type ProveCertificate = (presented: Presented, dry: boolean) => CertificateProof | Promise<CertificateProof>

/**
 * Trust first, then registration: a certificate counts when its path is valid now, and something in the registry says
 * what it stands for. Registered ones are found by fingerprint; an unpinned key also accepts a renewal:
 * same names, strictly newer, and issued by a trusted CA, never merely trusted as it is.
 */
export function createCertificateProver(given: {
  readonly identity: Identity
  readonly trust: Trust
  readonly clock: Clock
  readonly log: Log
}): ProveCertificate {
  const { identity, trust, clock, log } = given

  /** Refusals are found out again each time: only what lets in must be quick. */
  const proofOf = (trustRevision: number, outcome: Owner | Refused, until = 0): CertificateProof => ({
    identityRevision: identity.revision,
    trustRevision,
    until: 'stage' in outcome ? 0 : until,
    outcome,
  })

  function judge(
    presented: Presented,
    verdict: Verdict,
    trustRevision: number,
    dry: boolean,
  ): CertificateProof | Promise<CertificateProof> {
    if (!verdict.trusted) return proofOf(trustRevision, refusedCertificate(verdict.failure))
    const until = Math.min(verdict.until, presented.validTo)
    const holder = identity.byCertificate(presented.fingerprint)
    if (holder !== undefined)
      return proofOf(trustRevision, ownerOf(presented, holder), Math.min(until, holder.until ?? until))
    const registered = identity.certificates.find(presented.fingerprint)
    if (registered !== undefined) return proofOf(trustRevision, withoutOwner(presented, registered.holder))
    const renewal = renewalOf(presented, verdict)
    if (renewal === undefined) {
      const identified = nameless(presented)
      return proofOf(trustRevision, { kind: 'unregistered', identified }, until)
    }
    if ('stage' in renewal) return proofOf(trustRevision, renewal)
    if (dry) return proofOf(trustRevision, successor(presented, renewal.keyId))
    return renew(presented, renewal.keyId).then((outcome) => proofOf(trustRevision, outcome, until))
  }

  function ownerOf(presented: Presented, holder: CertificateHolder): Owner | Refused {
    const { subject } = presented
    const now = clock.now()
    if (holder.from !== undefined && now < holder.from)
      return refused('certificate.notYetRegistered', { subject, from: new Date(holder.from).toISOString() })
    if (holder.until !== undefined && now >= holder.until)
      return refused('certificate.noLongerRegistered', { subject, until: new Date(holder.until).toISOString() })
    if (holder.holder.kind === 'proxy') return { kind: 'proxy', name: holder.holder.id }
    if (holder.identified !== undefined) return { kind: 'client', identified: holder.identified }
    return { kind: 'channel', identified: nameless(presented) }
  }

  /** A registered certificate that stands for nobody is not what an unregistered one may be: someone named by a channel. */
  const withoutOwner = ({ subject, fingerprint }: Presented, { kind, id }: Holder): Refused =>
    kind === 'user'
      ? refused('identity.userLocked', { user: id })
      : refused('identity.certificateUnknown', { subject, fingerprint })

  /** The unpinned key that this certificate would be the renewed one of; undefined when there is none. */
  function renewalOf(
    { subject, issuer, pair, validFrom }: Presented,
    { chain }: Trusting,
  ): { readonly keyId: string } | Refused | undefined {
    // A path of one certificate: it is pinned, and nobody vouches for its names.
    if (pair === undefined || chain.length === 1) return undefined
    const [key, ...others] = identity.unpinned(pair)
    if (key === undefined) return undefined
    if (others.length > 0)
      return refused('certificate.ambiguous', { subject, issuer, why: 'there are several such keys' })
    if (identity.pinnedUnder(pair))
      return refused('certificate.ambiguous', { subject, issuer, why: 'a pinned key has a certificate of these names' })
    if (validFrom <= key.newest) return superseded(subject, validFrom, key.newest)
    return { keyId: key.keyId }
  }

  async function renew(presented: Presented, keyId: string): Promise<Owner | Refused> {
    const { subject, fingerprint, certificate, validFrom, pair = '' } = presented
    try {
      await identity.certificates.renew(keyId, certificate.raw)
    } catch (error) {
      log.error('a renewed certificate could not be written down', { keyId, subject, why: wordsOf(error) })
      return refused('certificate.renewalNotStored', { subject })
    }
    // Also where another connection was faster with the same certificate, the registry has it now.
    const holder = identity.byCertificate(fingerprint)
    if (holder !== undefined) return ownerOf(presented, holder)
    return superseded(subject, validFrom, identity.unpinned(pair)[0]?.newest ?? validFrom)
  }

  /** Who a renewed certificate would stand for, once it was accepted. */
  function successor(presented: Presented, keyId: string): Owner | Refused {
    const [registered] = identity.certificates.list({ kind: 'key', id: keyId })
    const known = registered && identity.byCertificate(registered.fingerprint)?.identified
    if (known === undefined) return { kind: 'unregistered', identified: nameless(presented) }
    const { fingerprint, subject, issuer } = presented
    const principal = { ...known.principal, certificate: { fingerprint, subject, issuer } }
    return { kind: 'client', identified: { ...known, principal } }
  }

  return (presented, dry) => {
    const { revision } = trust
    const verdict = trust.validate(presented.certificate, presented.sent)
    return verdict instanceof Promise
      ? verdict.then((settled) => judge(presented, settled, revision, dry))
      : judge(presented, verdict, revision, dry)
  }
}

const superseded = (subject: string, from: number, newest: number): Refused =>
  refused('certificate.superseded', {
    subject,
    from: new Date(from).toISOString(),
    newest: new Date(newest).toISOString(),
  })

/** A sender of whom only the names in its certificate are known. */
const nameless = ({ fingerprint, subject, issuer }: Presented): Identified => ({
  principal: Object.freeze({
    method: 'certificate',
    name: '',
    subject,
    clientId: undefined,
    issuer,
    certificate: { fingerprint, subject, issuer },
    attributes: {},
    groups: [],
    actors: [],
  }),
  roles: noRoles,
  plan: undefined,
  method: 'certificate',
  client: `certificate ${fingerprint}`,
})

const noRoles: ReadonlySet<string> = new Set()
