/** Everything that a reason can name. */
export interface FailureDetails {
  readonly subject: string
  readonly issuer: string
  /** What exactly is wrong, or a place to look. */
  readonly what: string
  /** A time in ISO 8601. */
  readonly at: string
}

/**
 * Why a certificate is not trusted: every code, once, with its words. `reason` gets the names of the certificate at
 * fault; `remedy` says what the administrator or the caller can do.
 */
export const trustFailures = {
  malformed: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' is not well-formed: ${d.what}.`,
    remedy: 'Have the certificate issued anew by software that keeps to RFC 5280.',
  },
  notYetValid: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' is not valid before ${d.at}.`,
    remedy: 'Wait until then, or check the clock of this machine and of the CA.',
  },
  expired: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' expired at ${d.at}.`,
    remedy: 'Renew the certificate and register the new one if certificates are registered one by one.',
  },
  intermediateExpired: {
    reason: (d: FailureDetails) => `The CA certificate '${d.subject}' is not valid now: ${d.what} ${d.at}.`,
    remedy: 'Send or register the renewed CA certificate.',
  },
  issuerMissing: {
    reason: (d: FailureDetails) =>
      `Nobody knows the certificate of '${d.issuer}', which issued '${d.subject}'${d.what === '' ? '' : `; it may be had at ${d.what}`}.`,
    remedy: 'Let the client send the intermediate certificate too, or register it as a trust anchor.',
  },
  untrusted: {
    reason: (d: FailureDetails) => `The chain ends in '${d.subject}', which is no trust anchor of this tenant.`,
    remedy: 'Add this CA to the trust anchors if clients with its certificates shall be let in.',
  },
  selfSigned: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' is self-signed and not pinned.`,
    remedy: 'Pin this very certificate, or use one issued by a trusted CA.',
  },
  notForPurpose: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' is not meant for servers: ${d.what}.`,
    remedy: 'Use a certificate whose extended key usage names serverAuth.',
  },
  notForClients: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' is not meant for clients: ${d.what}.`,
    remedy: 'Use a certificate whose extended key usage names clientAuth, issued by a CA that may issue such.',
  },
  notAuthority: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' may not issue certificates: ${d.what}.`,
    remedy: 'Use certificates issued by a CA whose certificate says that it is one.',
  },
  pathTooLong: {
    reason: (d: FailureDetails) => `The path is longer than '${d.subject}' allows: ${d.what}.`,
    remedy: 'Use a certificate issued closer to the CA, or register a nearer CA as a trust anchor.',
  },
  nameConstraints: {
    reason: (d: FailureDetails) => `'${d.issuer}' may not issue for the names in '${d.subject}': ${d.what}.`,
    remedy: 'Use a certificate from a CA that may issue for these names.',
  },
  signatureInvalid: {
    reason: (d: FailureDetails) => `The signature of '${d.subject}' was not made with the key of '${d.issuer}'.`,
    remedy: 'Check that the intermediate sent belongs to this certificate; CAs of the same name can have several keys.',
  },
  weakKey: {
    reason: (d: FailureDetails) => `The key of '${d.subject}' is not accepted: ${d.what}.`,
    remedy: 'Use an RSA key of at least 2048 bits or an elliptic curve key on P-256, P-384 or P-521.',
  },
  weakSignature: {
    reason: (d: FailureDetails) => `The signature of '${d.subject}' is not accepted: it was made with ${d.what}.`,
    remedy: 'Have the certificate issued anew with SHA-256 or better.',
  },
  criticalExtensionUnknown: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' has the critical extension ${d.what}, unknown here.`,
    remedy: 'Use a certificate without this extension, or one in which it is not critical.',
  },
  policyInvalid: {
    reason: (d: FailureDetails) => `The path to '${d.subject}' has no certificate policy in common: ${d.what}.`,
    remedy: 'Use a certificate that names the policy which its CAs require.',
  },
  revoked: {
    reason: (d: FailureDetails) => `The certificate '${d.subject}' was revoked at ${d.at}: ${d.what}.`,
    remedy: 'Use another certificate; a revoked one does not become valid again.',
  },
  revocationUnknown: {
    reason: (d: FailureDetails) => `Whether '${d.subject}' is revoked cannot be told: ${d.what}.`,
    remedy:
      'Give a current CRL of its issuer, let Sluice reach the addresses in the certificate, or ask for soft checks only.',
  },
  tooComplex: {
    reason: (d: FailureDetails) => `The path of '${d.subject}' was not found within bounds: ${d.what}.`,
    remedy: 'Let the client send only the certificates of its own chain.',
  },
} as const

export type TrustFailureCode = keyof typeof trustFailures

/** Why a certificate is not trusted; safe to show. */
export interface TrustFailure {
  readonly code: TrustFailureCode
  readonly reason: string
  readonly remedy: string
}

/** A failure in the words of its code; names are cut short, since anybody can send them. */
export function failureOf(code: TrustFailureCode, given: Partial<FailureDetails> = {}): TrustFailure {
  const cut = (text = '') => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
  const { subject, issuer, what, at = '' } = given
  const { reason, remedy } = trustFailures[code]
  return { code, reason: reason({ subject: cut(subject), issuer: cut(issuer), what: cut(what), at }), remedy }
}
