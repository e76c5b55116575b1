import { X509Certificate } from 'node:crypto'

import type { Identity } from '../identity/index.ts'
import type { Trust, Trusted } from '../trust/index.ts'

/** What the registry of a tenant says about trust, in the words of path validation. */
export function trustedOf(identity: Identity): Trusted {
  const { publicRoots, revocation, minimumRsaBits, pinOnRegistration } = identity.policy()
  const anchors = identity.anchors
    .list()
    // Where certificates may not be pinned by registering them, those pinned before count no more either.
    .filter(({ origin }) => pinOnRegistration || origin !== 'registration')
    .map(({ kind, pem }) => ({ kind, certificate: new X509Certificate(pem) }))
  const crls = identity.revocationLists.list().map(({ der }) => Buffer.from(der, 'base64'))
  return { anchors, crls, publicRoots, revocation, minimumRsaBits }
}

/**
 * Keeps path validation at what the registry says. The answer is called after each change of the registry, and true
 * when trust has changed: most changes are of other things, and would cost every certificate a new validation.
 */
export function trustFollows(identity: Identity, trust: Trust): () => boolean {
  let present: string | undefined
  return () => {
    const { publicRoots, revocation, minimumRsaBits, pinOnRegistration } = identity.policy()
    const wanted = JSON.stringify([
      [publicRoots, revocation, minimumRsaBits, pinOnRegistration],
      identity.anchors.list().map(({ fingerprint }) => fingerprint),
      identity.revocationLists.list().map(({ fingerprint }) => fingerprint),
    ])
    if (wanted === present) return false
    trust.set(trustedOf(identity))
    present = wanted
    return true
  }
}
