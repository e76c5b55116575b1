import { type Clock, createBoundedMap, type Log, wordsOf } from '../base/index.ts'
import type { Identity } from '../identity/index.ts'
import type { Trust } from '../trust/index.ts'
import { type AuthorizationOutcome, createAuthorizationProver, isSameHeader } from './authorization-proof.ts'
import type { Call } from './call.ts'
import { createCertificateProver, type Owner } from './certificate-proof.ts'
import type { Connection, Presented } from './connection.ts'
import { readForwarded, saidBy } from './forwarded.ts'
import { isRefused, type Refused, refused } from './refusals.ts'
import type { TokenVerifier } from './tokens.ts'

/** Finds out who calls, before the table of checks decides what that allows. */
export interface Authenticator {
  /**
   * Fills in what the call proves, or why a proof is not accepted. Undefined when that is done already, which is so
   * for whatever the connection remembers; else it resolves when it is, and never rejects. A dry run changes nothing:
   * no renewed certificate is accepted, no wrong password counted.
   */
  readonly prove: (call: Call, dry?: boolean) => Promise<void> | undefined
  /** Whether the connection's certificate still counts; true without one. */
  readonly accepts: (connection: Connection) => boolean | Promise<boolean>
  /** Whether the connection is one of a trusted proxy, as far as the registry says. */
  readonly isProxy: (connection: Connection) => boolean
}

type Outcome = Owner | Refused

const mostForwarded = 2000
// How often a proof begins anew because the registry or trust has changed while it was made.
const tries = 4

/**
 * What is remembered counts for one revision of the registry and of trust, and never beyond its time. A proof that
 * takes long is made anew when something changed meanwhile: no change is missed by calls under way.
 */
export function createAuthenticator(given: {
  readonly identity: Identity
  readonly trust: Trust
  readonly tokens?: TokenVerifier | undefined
  readonly clock: Clock
  readonly log: Log
}): Authenticator {
  const { identity, trust, tokens, clock, log } = given
  const proveCertificate = createCertificateProver({ identity, trust, clock, log })
  /** Client certificates that proxies passed on, by the header values they came in. */
  const forwarded = createBoundedMap<Presented>(mostForwarded)
  const proveHeader = createAuthorizationProver({ identity, tokens, clock, log })

  /** Whose a certificate is, as remembered or found out anew. */
  function ownerOf(presented: Presented, dry: boolean): Outcome | Promise<Outcome> {
    const { proof } = presented
    if (
      proof !== undefined &&
      proof.identityRevision === identity.revision &&
      proof.trustRevision === trust.revision &&
      clock.now() < proof.until
    )
      return proof.outcome
    const found = proveCertificate(presented, dry)
    if (found instanceof Promise)
      return found.then((settled) => {
        presented.proof = settled
        return settled.outcome
      })
    presented.proof = found
    return found.outcome
  }

  function begin(call: Call, dry: boolean): Promise<void> | undefined {
    const { presented } = call.connection
    if (presented === undefined) return takeHeader(call, dry)
    const owner = ownerOf(presented, dry)
    return owner instanceof Promise
      ? owner.then((settled) => takeOwner(call, settled, dry))
      : takeOwner(call, owner, dry)
  }

  /** The owner of the connection's certificate. A proxy is nobody itself: whom it speaks for is what counts. */
  function takeOwner(call: Call, owner: Outcome, dry: boolean): Promise<void> | undefined {
    if (isRefused(owner) || owner.kind !== 'proxy') return takeCaller(call, owner, dry)
    call.proxy = owner.name
    const presented = forwardedBy(call, owner.name)
    if (presented === undefined) return takeCaller(call, owner, dry)
    if (isRefused(presented)) return takeCaller(call, presented, dry)
    call.presented = presented
    const caller = ownerOf(presented, dry)
    return caller instanceof Promise
      ? caller.then((settled) => takeCaller(call, settled, dry))
      : takeCaller(call, caller, dry)
  }

  /** The certificate that a proxy passed on; sets the address that the proxy saw. */
  function forwardedBy(call: Call, proxy: string): Presented | Refused | undefined {
    const { connection, head } = call
    call.presented = undefined
    const said = saidBy(head.forwarded)
    if (said.remoteAddress === false) return refused('proxy.addressMalformed', { proxy })
    call.remoteAddress = said.remoteAddress ?? connection.remoteAddress
    if (said.certificate === '') return undefined
    const known = forwarded.get(said.certificate)
    if (known !== undefined) return known
    const read = readForwarded(head.forwarded ?? [])
    if ('why' in read) return refused('proxy.certificateMalformed', { proxy, why: read.why })
    forwarded.set(said.certificate, read)
    return read
  }

  function takeCaller(call: Call, owner: Outcome, dry: boolean): Promise<void> | undefined {
    call.byCertificate = owner
    return isRefused(owner) ? undefined : takeHeader(call, dry)
  }

  function takeHeader(call: Call, dry: boolean): Promise<void> | undefined {
    const { authorization, severalAuthorizations } = call.head
    if (authorization === undefined || severalAuthorizations) return undefined
    const known = call.connection.byAuthorization
    if (
      known !== undefined &&
      known.identityRevision === identity.revision &&
      known.tokensRevision === (tokens?.revision ?? 0) &&
      clock.now() < known.until &&
      isSameHeader(known, authorization)
    ) {
      call.byAuthorization = known.identified
      return undefined
    }
    const outcome = proveHeader(call, authorization, dry)
    if (outcome instanceof Promise) return outcome.then((settled) => takeAuthorization(call, settled))
    takeAuthorization(call, outcome)
    return undefined
  }

  function takeAuthorization(call: Call, outcome: AuthorizationOutcome): void {
    if (isRefused(outcome)) {
      call.byAuthorization = outcome
      return
    }
    call.byAuthorization = outcome.identified
    // Behind a proxy many clients share a connection, and a token may be bound to the certificate of one of them.
    if (call.proxy === undefined) call.connection.byAuthorization = outcome
  }

  /** Waits for a proof, and begins anew for as long as what it was made with is not what holds now. */
  async function settle(
    call: Call,
    first: Promise<void>,
    before: { identity: number; trust: number; tokens: number },
    dry: boolean,
  ): Promise<void> {
    try {
      let pending: Promise<void> | undefined = first
      for (let tried = 1; tried < tries; tried++) {
        await pending
        const now = revisions()
        if (before.identity === now.identity && before.trust === now.trust && before.tokens === now.tokens) return
        before = now
        forget(call)
        pending = begin(call, dry)
      }
      throw new Error('registry or trust change all the time')
    } catch (error) {
      fail(call, error)
    }
  }

  const revisions = () => ({ identity: identity.revision, trust: trust.revision, tokens: tokens?.revision ?? 0 })

  /** What cannot be checked is not let in. */
  function fail(call: Call, error: unknown): void {
    log.error('who calls could not be checked', { path: call.path, why: wordsOf(error) })
    forget(call)
    call.byCertificate = refused('identity.uncheckable')
  }

  /** What is not registered may stay where the names of a certificate can be enough. */
  function stays(owner: Outcome): boolean {
    if (isRefused(owner)) return false
    if (owner.kind !== 'unregistered') return true
    return (
      identity.policy().channelCertificates === 'names' ||
      identity.endpointPolicies.list().some(({ channelCertificates }) => channelCertificates === 'names')
    )
  }

  return {
    prove(call, dry = false) {
      const registry = identity.revision
      const anchors = trust.revision
      const issued = tokens?.revision ?? 0
      try {
        const pending = begin(call, dry)
        if (pending === undefined) return undefined
        return settle(call, pending, { identity: registry, trust: anchors, tokens: issued }, dry)
      } catch (error) {
        fail(call, error)
        return undefined
      }
    },
    accepts({ presented }) {
      if (presented === undefined) return true
      const owner = ownerOf(presented, true)
      return owner instanceof Promise ? owner.then(stays, () => false) : stays(owner)
    },
    isProxy: ({ presented }) =>
      presented !== undefined && identity.byCertificate(presented.fingerprint)?.holder.kind === 'proxy',
  }
}

/** Takes back what an earlier try has filled in. */
function forget(call: Call): void {
  const { remoteAddress, presented } = call.connection
  call.remoteAddress = remoteAddress
  call.presented = presented
  call.proxy = undefined
  call.byCertificate = undefined
  call.byAuthorization = undefined
}
