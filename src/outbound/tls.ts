import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

import type { LentKey, TrustedServers } from '../flow/index.ts'

/**
 * Contexts by what they are made of. One holds every certificate that Node trusts, about a megabyte: it is shared by
 * those who use it, and kept no longer than they do, as each user may have a certificate.
 */
const made = new WeakMap<TrustedServers, WeakMap<object, WeakRef<SecureContext>>>()
const nobody = {}

/**
 * What a TLS client is opened with: servers are trusted by the certificates of the keystore and by those that Node
 * trusts; the key pair is shown to whoever asks for one. Empty where Node's own way will do.
 */
export function connectOptions(
  trusted: TrustedServers,
  pair: LentKey | undefined,
): { readonly secureContext?: SecureContext } {
  if (pair === undefined && trusted.certificates.length === 0) return {}
  let contexts = made.get(trusted)
  if (contexts === undefined) made.set(trusted, (contexts = new WeakMap()))
  const of = pair ?? nobody
  const known = contexts.get(of)?.deref()
  if (known !== undefined) return { secureContext: known }
  const secureContext = contextOf(trusted, pair)
  contexts.set(of, new WeakRef(secureContext))
  return { secureContext }
}

const contextOf = ({ certificates }: TrustedServers, pair: LentKey | undefined): SecureContext =>
  createSecureContext({
    minVersion: 'TLSv1.2',
    // The keystore may hold an intermediate or the certificate of the server itself, as in the original.
    ...(certificates.length > 0 && {
      ca: [...getCACertificates('default'), ...certificates],
      allowPartialTrustChain: true,
    }),
    ...(pair && { cert: pair.chain, key: pair.key.export({ format: 'pem', type: 'pkcs8' }) }),
  })
