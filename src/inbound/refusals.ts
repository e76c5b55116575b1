/** Stages of a call, in the order in which a refusal can happen. */
export type Stage =
  | 'tls'
  | 'limit'
  | 'transfer'
  | 'method'
  | 'certificate'
  | 'identity'
  | 'plan'
  | 'route'
  | 'cors'
  | 'role'
  | 'csrf'
  | 'size'

interface Declared {
  readonly stage: Stage
  readonly status: number
  /** For the administrator; may name what the caller sent, except secrets. */
  readonly reason: (details: never) => string
  readonly remedy: string
  /** Sent to the caller besides the reference. */
  readonly headers?: readonly (readonly [string, string])[]
}

/** Why a call was refused. The caller sees only the status, its short word and the headers. */
export interface Refused {
  readonly stage: Stage
  readonly code: string
  readonly status: number
  readonly reason: string
  readonly remedy: string
  readonly headers: readonly (readonly [string, string])[]
}

/** Goes with every 401 (RFC 9110, 15.5.2). */
const challenge = [['WWW-Authenticate', 'Basic realm="Sluice", charset="UTF-8"']] as const

const table = {
  'tls.failed': {
    stage: 'tls',
    status: 0,
    reason: (d: { why: string }) => `The TLS handshake failed: ${d.why}.`,
    remedy: 'Compare TLS versions, ciphers and the certificate of the client with what this listener offers.',
  },
  'tls.plainHttp': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client spoke plain HTTP to an HTTPS port.',
    remedy: 'Call the address with https://.',
  },
  'tls.versionUnsupported': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client offers no TLS version that this listener accepts.',
    remedy: 'Let the client use TLS 1.2 or 1.3.',
  },
  'tls.cipherUnsupported': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client offers no cipher suite that this listener accepts.',
    remedy: 'Let the client use a suite with ECDHE and AES-GCM or ChaCha20.',
  },
  'tls.serverNotTrusted': {
    stage: 'tls',
    status: 0,
    reason: (d: { why: string }) => `The client rejected the certificate of this server: ${d.why}.`,
    remedy:
      'Import the CA certificate of Sluice into the trust store of the client, and call a name the certificate has.',
  },
  'tls.timeout': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client did not finish the TLS handshake in time.',
    remedy: 'Check the network between client and server; health checks should speak TLS.',
  },
  'tls.aborted': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client closed the connection during the TLS handshake.',
    remedy: 'Look into the log of the client: often it does not trust the certificate of this server.',
  },
  'limit.connections': {
    stage: 'limit',
    status: 0,
    reason: (d: { most: number }) => `There are ${d.most} connections open, which is the limit.`,
    remedy: 'Let clients reuse connections, or raise the limit.',
  },
  'transfer.malformed': {
    stage: 'transfer',
    status: 400,
    reason: (d: { why: string }) => `The request is not valid HTTP/1.1: ${d.why}.`,
    remedy: 'Check the client or the proxy in front of it; it may send raw line breaks or conflicting lengths.',
  },
  'transfer.headersTooLarge': {
    stage: 'transfer',
    status: 431,
    reason: () => 'The headers of the request are larger than the limit.',
    remedy: 'Send fewer or smaller headers.',
  },
  'transfer.timeout': {
    stage: 'transfer',
    status: 408,
    reason: () => 'The request did not arrive completely in time.',
    remedy: 'Send the request without pauses; check the network.',
  },
  'transfer.stalled': {
    stage: 'transfer',
    status: 408,
    reason: (d: { seconds: number; received: number }) =>
      `No part of the body came for ${d.seconds} seconds after ${d.received} bytes.`,
    remedy: 'Send the body without pauses; check the network and the Content-Length of the client.',
  },
  'transfer.aborted': {
    stage: 'transfer',
    status: 400,
    reason: (d: { received: number }) => `The client closed the connection after ${d.received} bytes of the body.`,
    remedy: 'Check timeouts of the client and of proxies on the way.',
  },
  'transfer.notStored': {
    stage: 'transfer',
    status: 503,
    reason: (d: { why: string }) => `The body could not be written to the spool: ${d.why}.`,
    remedy: 'Free space in the data folder.',
  },
  'transfer.expectationUnknown': {
    stage: 'transfer',
    status: 417,
    reason: () => 'The request expects something other than 100-continue.',
    remedy: 'Remove the Expect header.',
  },
  'method.forbidden': {
    stage: 'method',
    status: 405,
    reason: (d: { method: string; allowed: string }) => `The method ${d.method} is not served here, only ${d.allowed}.`,
    remedy: 'Call with a method that the address serves.',
  },
  'certificate.notYetValid': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; from: string }) =>
      `The client certificate '${d.subject}' is valid from ${d.from} on.`,
    remedy: 'Check the clocks of client and server, or use the certificate later.',
  },
  'certificate.expired': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; to: string }) => `The client certificate '${d.subject}' expired at ${d.to}.`,
    remedy: 'Renew the certificate, register it in a second service key, and delete the old key.',
  },
  'certificate.notForClients': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string }) =>
      `The client certificate '${d.subject}' lacks the extended key usage clientAuth.`,
    remedy: 'Have it issued with clientAuth (1.3.6.1.5.5.7.3.2), or create a service key of type certificate.',
  },
  'certificate.untrusted': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; issuer: string }) =>
      `The client certificate '${d.subject}' of '${d.issuer}' is not registered, and its chain leads to no trusted CA.`,
    remedy: 'Register exactly this certificate in a service key of type certificate_external.',
  },
  'identity.certificateUnknown': {
    stage: 'identity',
    status: 401,
    reason: (d: { subject: string; fingerprint: string }) =>
      `The client certificate '${d.subject}' (SHA-256 ${d.fingerprint}) belongs to no service key.`,
    remedy: 'Register it in a service key; after a renewal the new certificate must be registered, too.',
  },
  'identity.credentialMissing': {
    stage: 'identity',
    status: 401,
    reason: () => 'The call had neither a client certificate nor an Authorization header.',
    remedy:
      'Configure the client with certificate and private key (a certificate alone is not sent), or with client id and secret.',
  },
  'identity.authorizationMalformed': {
    stage: 'identity',
    status: 401,
    reason: (d: { why: string }) => `The Authorization header cannot be read: ${d.why}.`,
    remedy: "Send one header: 'Basic ' and the base64 of client id, colon and secret.",
  },
  'identity.schemeUnsupported': {
    stage: 'identity',
    status: 401,
    reason: (d: { scheme: string }) => `The authentication scheme '${d.scheme}' is not offered here.`,
    remedy: 'Use a client certificate, or Basic with client id and secret.',
  },
  'identity.secretWrong': {
    stage: 'identity',
    status: 401,
    // Whoever mixes up id and secret sends a secret as the id: only what is or looks like an id is repeated.
    reason: (d: { clientId: string | undefined }) =>
      d.clientId === undefined
        ? 'The client id is not known. It is not repeated here, because it may be a secret in the wrong place.'
        : `The client id '${d.clientId}' is not known, or its secret is wrong.`,
    remedy: 'Copy client id and secret from the service key again; a deleted key no longer counts.',
  },
  'identity.contradictory': {
    stage: 'identity',
    status: 401,
    reason: (d: { one: string; other: string }) =>
      `The certificate belongs to the client '${d.one}', the Authorization header to '${d.other}'.`,
    remedy: 'Send one credential, or two of the same service instance.',
  },
  'plan.mismatch': {
    stage: 'plan',
    status: 403,
    reason: (d: { clientId: string; plan: string; needed: string }) =>
      `The client '${d.clientId}' is of a service instance of plan ${d.plan}; this address needs plan ${d.needed}.`,
    remedy: 'Use a key of an instance of the plan needed: integration-flow for flows, api for the API.',
  },
  'route.unknown': {
    stage: 'route',
    status: 404,
    reason: (d: { path: string }) => `No deployed flow serves '${d.path}'.`,
    remedy: 'Check the address and whether the flow is started.',
  },
  'cors.originForbidden': {
    stage: 'cors',
    status: 403,
    reason: (d: { origin: string }) => `The origin '${d.origin}' may not call this address from a browser.`,
    remedy: 'Add the origin to the CORS settings of the flow.',
  },
  'role.missing': {
    stage: 'role',
    status: 403,
    reason: (d: { clientId: string; role: string; roles: string }) =>
      `The address needs the role '${d.role}'; the service instance of '${d.clientId}' has ${d.roles}.`,
    remedy: 'Add the role to the service instance, or set another role in the channel. Names are compared with case.',
  },
  'role.certificateNeeded': {
    stage: 'role',
    status: 403,
    reason: () => 'The channel authorizes by client certificate, and the call was authenticated without one.',
    remedy: 'Call with the client certificate, or set the channel to User Role.',
  },
  'role.certificateNotListed': {
    stage: 'role',
    status: 403,
    reason: (d: { subject: string; issuer: string }) =>
      `The channel does not list the subject '${d.subject}' with the issuer '${d.issuer}'.`,
    remedy: 'Add the certificate to the channel and deploy again, or set the channel to User Role.',
  },
  'role.undecidable': {
    stage: 'role',
    status: 403,
    reason: (d: { unreadable: string }) =>
      `The certificates of the channel cannot be compared: ${d.unreadable} is no distinguished name.`,
    remedy: 'Correct subject and issuer in the channel, as CN=…,O=…,C=…, and deploy again.',
  },
  'csrf.tokenInvalid': {
    stage: 'csrf',
    status: 403,
    reason: (d: { present: boolean }) =>
      d.present
        ? 'The CSRF token is not valid for this client and session, or has expired.'
        : 'The CSRF token is missing.',
    remedy:
      "Fetch a token with GET or HEAD and the header 'X-CSRF-Token: fetch'; send it back together with the cookie.",
    headers: [['X-CSRF-Token', 'required']],
  },
  'size.bodyTooLarge': {
    stage: 'size',
    status: 413,
    reason: (d: { size: number; most: number }) =>
      `The body has ${d.size} bytes or more; the channel allows ${d.most}.`,
    remedy: 'Send smaller messages, or raise the maximum body size of the channel.',
  },
} as const satisfies Record<string, Declared>

export type RefusalCode = keyof typeof table
type Details<Code extends RefusalCode> = Parameters<(typeof table)[Code]['reason']>

/** A refusal out of the list of all there are. */
export function refused<const Code extends RefusalCode>(code: Code, ...details: Details<Code>): Refused {
  const { stage, status, reason, remedy, headers = status === 401 ? challenge : [] }: Declared = table[code]
  return { stage, code, status, remedy, headers, reason: reason(...(details as unknown as [never])) }
}

const words: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'timeout',
  413: 'too_large',
  417: 'expectation_failed',
  431: 'headers_too_large',
  503: 'unavailable',
}

/** All that the caller is told: one word for the status, and a reference for the administrator. */
export const answerText = (status: number, reference: string): string =>
  `${JSON.stringify({ error: words[status] ?? 'refused', reference })}\n`
