import { X509Certificate } from 'node:crypto'

import { Fault } from '../base/index.ts'
import { factsOf } from '../keystore/index.ts'
import { readChain, weaknessOf } from './client-certificate.ts'
import type { SigningCertificateRequest } from './contracts.ts'
import type { SigningCertificate } from './records.ts'
import { windowProblems } from './registration.ts'

const most = 20
/** Bits. NIST SP 800-131A allows no signature by a shorter one. */
const minimumRsaBits = 2048

/** Digests for which somebody can make another certificate of the same signature. */
const brokenDigest = /md2|md4|md5|sha1(?!\d)/i

/**
 * Reads the certificates by which a provider signs, each once. At least one of them has to count now or later; that
 * holds for keys given otherwise, too, so it is for the caller to ask.
 */
export function readSigningCertificates(given: readonly SigningCertificateRequest[]): {
  readonly certificates: readonly SigningCertificate[]
  readonly problems: readonly string[]
} {
  if (!Array.isArray(given)) return { certificates: [], problems: ['certificates must be a list'] }
  const certificates = new Map<string, SigningCertificate>()
  const problems: string[] = []
  for (const [index, entry] of given.entries())
    try {
      // Requests are unknown input, whatever their type says.
      const { certificate, from, until } = (entry ?? {}) as SigningCertificateRequest
      for (const each of withoutIssuers(readChain(certificate))) {
        const facts = factsOf(each)
        const { fingerprint } = facts
        const weakness = weaknessOf(each.publicKey, minimumRsaBits)
        if (weakness) problems.push(`the key of '${facts.subject}' is ${weakness.key}, and ${weakness.needed}`)
        problems.push(...windowProblems({ from, until }, facts).map((problem) => `'${facts.subject}': ${problem}`))
        certificates.set(fingerprint, { fingerprint, pem: each.toString(), from, until })
      }
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      problems.push(`certificate ${index + 1}: ${thrown.message}`)
    }
  if (certificates.size > most) problems.push(`certificates has ${certificates.size}; at most ${most} are taken`)
  return { certificates: [...certificates.values()], problems }
}

/** A CA that a certificate comes with signs certificates, not assertions: its key is somebody else's. */
export const withoutIssuers = (chain: readonly X509Certificate[]): readonly X509Certificate[] =>
  chain.filter(
    (each) => !chain.some((other) => other !== each && other.checkIssued(each) && other.verify(each.publicKey)),
  )

/** Milliseconds since 1970 from which on the certificate counts no more. */
export const endOf = ({ pem, until }: SigningCertificate): number =>
  Math.min(new X509Certificate(pem).validToDate.getTime(), until ?? Infinity)

/** What is questionable about a certificate that counts all the same, in words. */
export function certificateWarnings(signing: SigningCertificate, now: number): readonly string[] {
  const certificate = new X509Certificate(signing.pem)
  const { subject } = factsOf(certificate)
  const end = endOf(signing)
  const { signatureAlgorithm = 'an unknown algorithm' } = certificate
  return [
    ...(brokenDigest.test(signatureAlgorithm.replaceAll('-', ''))
      ? [`the certificate '${subject}' is itself signed by ${signatureAlgorithm}, which can be forged`]
      : []),
    ...(end <= now ? [`the certificate '${subject}' counts no more since ${new Date(end).toISOString()}`] : []),
  ]
}
