import { X509Certificate } from 'node:crypto'

import type { PublisherTrust } from './bundle-signature.ts'

const codeSigning = '1.3.6.1.5.5.7.3.3'
const longestPath = 5

/**
 * Trusts these certificates (PEM): each as it is, and, where it is one of a CA, those that it issued, also through
 * others that the signature brings, for signing code. Revocation is not asked for.
 */
export function trustPublishers(publishers: readonly string[], now: () => number): PublisherTrust {
  const trusted = publishers.map((pem) => new X509Certificate(pem))
  const isTrusted = (one: X509Certificate): boolean => trusted.some(({ raw }) => raw.equals(one.raw))
  return (leaf, chain) => {
    const at = now()
    if (!isValid(leaf, at)) return 'the certificate of its signer is not valid now'
    if (isTrusted(leaf)) return undefined
    // A CA issues certificates for many purposes: those of servers and people publish nothing.
    if (!leaf.keyUsage?.includes(codeSigning)) return 'its signer is no trusted publisher'
    let current = leaf
    for (let depth = 0; depth < longestPath; depth += 1) {
      if (trusted.some((ca) => issued(ca, current, at))) return undefined
      const next = chain.find((ca) => !ca.raw.equals(current.raw) && issued(ca, current, at))
      if (next === undefined) break
      current = next
    }
    return 'its signer is no trusted publisher, and no trusted CA issued its certificate'
  }
}

const isValid = ({ validFromDate, validToDate }: X509Certificate, at: number): boolean =>
  validFromDate.getTime() <= at && at <= validToDate.getTime()

const issued = (ca: X509Certificate, certificate: X509Certificate, at: number): boolean =>
  ca.ca && isValid(ca, at) && certificate.checkIssued(ca) && certificate.verify(ca.publicKey)
