import type { KeyObject, X509Certificate } from 'node:crypto'

import { fingerprintOf } from './certificates.ts'

const issued = (issuer: X509Certificate, subject: X509Certificate): boolean =>
  subject.checkIssued(issuer) && subject.verify(issuer.publicKey)

export const isSelfSigned = (certificate: X509Certificate): boolean => issued(certificate, certificate)

/** The leaf and what is above it, as far as the certificates given reach. */
export function chainFrom(leaf: X509Certificate, others: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [leaf]
  const seen = new Set([fingerprintOf(leaf)])
  for (let last = leaf; !isSelfSigned(last); ) {
    const next = others.find((each) => !seen.has(fingerprintOf(each)) && issued(each, last))
    if (next === undefined) break
    seen.add(fingerprintOf(next))
    chain.push(next)
    last = next
  }
  return chain
}

/** The certificate of a key: of several the one that begins last. */
export const leafOf = (key: KeyObject, certificates: readonly X509Certificate[]): X509Certificate | undefined =>
  certificates
    .filter((each) => each.checkPrivateKey(key))
    .sort((a, b) => b.validFromDate.getTime() - a.validFromDate.getTime())[0]

/** True when one of `known` is in the chain, or issued its top. */
export function isVouchedFor(chain: readonly X509Certificate[], known: readonly X509Certificate[]): boolean {
  const prints = new Set(known.map(fingerprintOf))
  const top = chain.at(-1)
  return (
    chain.some((each) => prints.has(fingerprintOf(each))) ||
    (top !== undefined && known.some((each) => each.ca && issued(each, top)))
  )
}
