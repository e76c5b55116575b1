import type { X509Certificate } from 'node:crypto'

import type { Clock, Log } from '../base/index.ts'
import type { Identity } from '../identity/index.ts'
import { createCertificateProver, isRefused, presentedOf } from '../inbound/index.ts'
import type { Trust } from '../trust/index.ts'
import type { Peer } from './authorization-server.ts'

/** Whose key a presented certificate is of; or why it is not accepted. Undefined where it is of no service key. */
export type JudgeCertificate = (presented: {
  readonly certificate: X509Certificate
  readonly fingerprint: string
  readonly sent?: Peer['sent']
}) => Promise<{ readonly keyId: string } | { readonly why: string } | undefined>

/**
 * The checks of the front door, for the token endpoint: trusted, registered for a key, in its window. A renewed
 * certificate of an unpinned key is accepted and written down as there.
 */
export function certificateJudge(given: {
  readonly identity: Identity
  readonly trust: Trust
  readonly clock: Clock
  readonly log: Log
}): JudgeCertificate {
  const { identity } = given
  const prove = createCertificateProver(given)
  return async ({ certificate, fingerprint, sent = [] }) => {
    const { outcome } = await prove(presentedOf(certificate, sent), false)
    if (isRefused(outcome)) return { why: outcome.reason.replace(/\.$/, '') }
    if (outcome.kind !== 'client') return undefined
    const holder = identity.byCertificate(fingerprint)?.holder
    return holder?.kind === 'key' ? { keyId: holder.id } : undefined
  }
}
