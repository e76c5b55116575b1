import type { KeyObject, X509Certificate } from 'node:crypto'

import { Fault } from '../base/index.ts'
import { type CertificateFacts, factsOf, fingerprintOf, readCertificates } from '../keystore/index.ts'
import { faults } from './faults.ts'

/** A certificate that somebody gave to be registered. */
export interface ClientCertificate {
  readonly leaf: X509Certificate
  /** What came with the leaf. */
  readonly sent: readonly X509Certificate[]
  readonly facts: CertificateFacts
  /** Of the leaf alone. */
  readonly pem: string
}

/**
 * Reads one or more certificates in any wrapping, each once.
 * @throws identity.registrationInvalid, certificateIsPrivateKey, keystore.certificateUnreadable
 */
export function readChain(input: string | Uint8Array): readonly X509Certificate[] {
  // Requests are unknown input, whatever their type says.
  if (typeof input !== 'string' && !((input as unknown) instanceof Uint8Array))
    throw faults.registrationInvalid({ problems: ['the certificate is missing'] })
  try {
    const all = readCertificates(input)
    return [...new Map(all.map((each) => [fingerprintOf(each), each])).values()]
  } catch (thrown) {
    const why = thrown instanceof Fault ? String(thrown.details['why'] ?? '') : ''
    throw why.includes('private key') ? faults.certificateIsPrivateKey() : thrown
  }
}

/**
 * The leaf of a client's own certificate, if it can identify a client at all. One that is not valid yet is fine.
 * @throws keystore.certificateUnreadable, identity.certificateIsPrivateKey, certificatesSeveral, certificateOfAuthority,
 * certificateExpired, certificateNotForClients, certificateWeak
 */
export function readClientCertificate(
  input: string | Uint8Array,
  { now, minimumRsaBits }: { readonly now: number; readonly minimumRsaBits: number },
): ClientCertificate {
  const chain = readChain(input)
  const leaf = leafOf(chain)
  const facts = factsOf(leaf)
  const { subject } = facts
  // Tools mark what they sign themselves as a CA; that is fine for a client, an issuing CA is a mistake.
  if (facts.isAuthority && (facts.subject !== facts.issuer || !facts.forClients))
    throw faults.certificateOfAuthority({ subject })
  if (facts.validTo <= now) throw faults.certificateExpired({ subject, to: new Date(facts.validTo).toISOString() })
  if (!facts.forClients) throw faults.certificateNotForClients({ subject })
  refuseWeak(leaf, subject, minimumRsaBits)
  return { leaf, sent: chain.filter((each) => each !== leaf), facts, pem: leaf.toString() }
}

/** The one certificate that issued none of the others. */
function leafOf(chain: readonly X509Certificate[]): X509Certificate {
  const ends = chain.filter((each) => !chain.some((other) => other !== each && other.checkIssued(each)))
  const clients = chain.filter(({ ca }) => !ca)
  const [leaf, ...more] = clients.length > 0 ? clients : ends
  if (leaf === undefined || more.length > 0)
    throw faults.certificatesSeveral({
      subjects: (clients.length > 0 ? clients : chain).map((each) => factsOf(each).subject),
    })
  return leaf
}

/** @throws identity.certificateWeak */
export function refuseWeak({ publicKey }: X509Certificate, subject: string, minimumRsaBits: number): void {
  const weakness = weaknessOf(publicKey, minimumRsaBits)
  if (weakness !== undefined) throw faults.certificateWeak({ subject, ...weakness })
}

/** Undefined when the key is strong enough. Unknown kinds of keys are not. */
export function weaknessOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, minimum: number) {
  if (type === 'ed25519' || type === 'ed448') return undefined
  if (type === 'rsa' || type === 'rsa-pss') {
    const bits = details?.modulusLength ?? 0
    return bits >= minimum ? undefined : { key: `RSA of ${bits} bits`, needed: `at least ${minimum} are needed` }
  }
  const curve = details?.namedCurve ?? 'unknown'
  // Names of curves hold the size of their field: prime256v1, secp384r1, brainpoolP512r1.
  if (type === 'ec' && Number(/\d{3}/.exec(curve)?.[0] ?? 0) >= 256) return undefined
  return { key: `${type?.toUpperCase()} ${curve}`, needed: 'RSA, EC of at least 256 bits or EdDSA is needed' }
}
