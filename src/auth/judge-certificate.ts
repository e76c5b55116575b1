import type { X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { CertificateTrust, Identity } from '../identity/index.ts'
import type { Peer } from './authorization-server.ts'

/** Whose key a presented certificate is of; or why it is not accepted. Undefined where it is of no service key. */
export type JudgeCertificate = (presented: {
  readonly certificate: X509Certificate
  readonly fingerprint: string
  readonly sent?: Peer['sent']
}) => Promise<{ readonly keyId: string } | { readonly why: string } | undefined>

/** Registered for a key, in its window, and trusted: the checks of the front door, for the token endpoint. */
export function certificateJudge(given: {
  readonly identity: Pick<Identity, 'byCertificate'>
  readonly trust: Pick<CertificateTrust, 'validate'>
  readonly clock: Clock
}): JudgeCertificate {
  const { identity, trust, clock } = given
  return async ({ certificate, fingerprint, sent = [] }) => {
    const verdict = await trust.validate(certificate, sent)
    if (!verdict.trusted) return { why: verdict.failure.reason.replace(/\.$/, '') }
    const owner = identity.byCertificate(fingerprint)
    if (owner?.holder.kind !== 'key' || owner.identified === undefined) return undefined
    const now = clock.now()
    if (owner.from !== undefined && now < owner.from)
      return { why: `it is registered from ${new Date(owner.from).toISOString()} on` }
    if (owner.until !== undefined && now >= owner.until)
      return { why: `it was registered until ${new Date(owner.until).toISOString()}` }
    return { keyId: owner.holder.id }
  }
}
