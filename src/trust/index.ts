/** Trust: whether a certificate leads to a trust anchor (RFC 5280), and whether it was revoked (CRL, OCSP). */
export { type Profile } from './checks.ts'
export { type FailureDetails, type TrustFailure, type TrustFailureCode, trustFailures } from './failures.ts'
export {
  type RevocationFetch,
  type RevocationRequest,
  createRevocationFetch,
} from './revocation-fetch.ts'
export { type RevocationMode } from './revocation.ts'
export { type Anchor, type Trust, type Trusted, type Verdict, createTrust } from './trust.ts'
