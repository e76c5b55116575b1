import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

import type { IdentityProvider } from '../identity/index.ts'
import { fits } from './signature-algorithms.ts'

/** A signing certificate of an identity provider, read. */
export interface ProviderCertificate {
  /** SHA-256 of the DER in lower-case hex. */
  readonly fingerprint: string
  readonly key: KeyObject
  readonly subject: string
  /** Milliseconds since 1970: its validity within the window that the provider gives it. */
  readonly from: number
  readonly until: number
}

type Stored = IdentityProvider['certificates'][number]

const read = new WeakMap<Stored, ProviderCertificate | undefined>()

/** The certificates of a provider. One that cannot be read counts for nothing. */
export const certificatesOf = ({ certificates }: IdentityProvider): readonly ProviderCertificate[] =>
  certificates.flatMap((stored) => {
    if (!read.has(stored)) read.set(stored, readCertificate(stored))
    return read.get(stored) ?? []
  })

function readCertificate({ pem, from, until }: Stored): ProviderCertificate | undefined {
  try {
    const certificate = new X509Certificate(pem)
    return {
      fingerprint: fingerprintOf(certificate),
      key: certificate.publicKey,
      subject: certificate.subject.replaceAll('\n', ', '),
      from: Math.max(certificate.validFromDate.getTime(), from ?? -Infinity),
      until: Math.min(certificate.validToDate.getTime(), until ?? Infinity),
    }
  } catch {
    return undefined
  }
}

export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase()

export const countsAt = ({ from, until }: ProviderCertificate, now: number): boolean => now >= from && now <= until

/** The public keys among JWKs that may check a signature by this algorithm. */
export const keysOf = (
  jwks: readonly Readonly<Record<string, unknown>>[],
  algorithm: string,
): readonly { readonly kid: string; readonly key: KeyObject }[] =>
  jwks.flatMap((jwk) => {
    const { kid, use, alg, key_ops: operations } = jwk
    if ((use !== undefined && use !== 'sig') || (alg !== undefined && alg !== algorithm)) return []
    if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return []
    const key = keyOf(jwk)
    return key === undefined || !fits(algorithm, key) ? [] : [{ kid: typeof kid === 'string' ? kid : '', key }]
  })

const opened = new WeakMap<object, KeyObject>()

/** Only public keys of the kinds that sign: a secret (`oct`) is none. */
function keyOf(jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  const known = opened.get(jwk)
  if (known !== undefined || !['RSA', 'EC', 'OKP'].includes(String(jwk['kty']))) return known
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    opened.set(jwk, key)
    return key
  } catch {
    return undefined
  }
}
