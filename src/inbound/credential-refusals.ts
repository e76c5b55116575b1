import type { RefusalDeclarations } from './declared-refusal.ts'

/** Refusals about who calls: certificates, proxies, the Authorization header. What path validation finds is in src/trust. */
export const credentialRefusals = {
  'certificate.notYetRegistered': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; from: string }) =>
      `The client certificate '${d.subject}' is registered for use from ${d.from} on.`,
    remedy: 'Use the certificate later, or let its registration begin earlier.',
  },
  'certificate.noLongerRegistered': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; until: string }) =>
      `The client certificate '${d.subject}' was registered for use until ${d.until}.`,
    remedy: 'Use the certificate that replaced it, or let its registration end later.',
  },
  'certificate.superseded': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; from: string; newest: string }) =>
      `The client certificate '${d.subject}' is valid from ${d.from}; its key has accepted one from ${d.newest} already.`,
    remedy: 'Use the newest certificate: once a renewed one was used, older ones of an unpinned key count no more.',
  },
  'certificate.ambiguous': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; issuer: string; why: string }) =>
      `The client certificate '${d.subject}' of '${d.issuer}' could renew that of an unpinned key, but ${d.why}.`,
    remedy: 'Register exactly this certificate, or keep one unpinned key for each pair of subject and issuer.',
  },
  'certificate.renewalNotStored': {
    stage: 'certificate',
    status: 503,
    reason: (d: { subject: string }) =>
      `The renewed client certificate '${d.subject}' could not be written down, so it is not accepted.`,
    remedy: 'Look into the log of Sluice: the database did not take the change. A later call tries again.',
  },
  'proxy.certificateMalformed': {
    stage: 'certificate',
    status: 400,
    reason: (d: { proxy: string; why: string }) =>
      `The trusted proxy '${d.proxy}' passed on a client certificate that cannot be used: ${d.why}.`,
    remedy: 'Let the proxy send one of Client-Cert (RFC 9440) and SSL_CLIENT_CERT (PEM or base64 of DER), once.',
  },
  'proxy.addressMalformed': {
    stage: 'network',
    status: 400,
    reason: (d: { proxy: string }) =>
      `The last entry of X-Forwarded-For from the trusted proxy '${d.proxy}' is no IP address.`,
    remedy: 'Let the proxy append the address of its client to X-Forwarded-For.',
  },
  'identity.certificateUnknown': {
    stage: 'identity',
    status: 401,
    reason: (d: { subject: string; fingerprint: string }) =>
      `The client certificate '${d.subject}' (SHA-256 ${d.fingerprint}) is trusted, but not registered.`,
    remedy:
      'Register it in a service key or map it to a user; a renewed certificate of a pinned key must be registered, too.',
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
    remedy: 'Use a client certificate, a bearer token, or Basic with client id and secret.',
  },
  'identity.secretWrong': {
    stage: 'identity',
    status: 401,
    // Whoever mixes up id and secret sends a secret as the id: only what is or looks like an id is repeated.
    reason: (d: { clientId: string | undefined }) =>
      d.clientId === undefined
        ? 'The client or user is not known. The name is not repeated here: it may be a secret in the wrong place.'
        : `The client id '${d.clientId}' is not known, or its secret is wrong.`,
    remedy: 'Copy client id and secret from the service key again; a deleted or ended key no longer counts.',
  },
  'identity.contradictory': {
    stage: 'identity',
    status: 401,
    reason: (d: { one: string; other: string }) =>
      `The certificate belongs to the client '${d.one}', the Authorization header to '${d.other}'.`,
    remedy: 'Send one credential, or two of the same service instance.',
  },
  'identity.passwordWrong': {
    stage: 'identity',
    status: 401,
    reason: (d: { user: string }) => `The password of the user '${d.user}' is wrong.`,
    remedy: 'Correct the password in the client, or set a new one for the user.',
  },
  'identity.passwordMissing': {
    stage: 'identity',
    status: 401,
    reason: (d: { user: string }) => `The user '${d.user}' has no password; only certificates are mapped to it.`,
    remedy: 'Call with a mapped certificate, or give the user a password.',
  },
  'identity.passwordForbidden': {
    stage: 'identity',
    // Not 403: that would tell a guesser that the user exists.
    status: 401,
    reason: (d: { user: string; allowed: string }) =>
      `The user '${d.user}' called by password; the policy of the tenant allows only ${d.allowed}.`,
    remedy: 'Authenticate in an allowed way, or allow passwords in the policy.',
  },
  'identity.userLocked': {
    stage: 'identity',
    status: 401,
    reason: (d: { user: string }) => `The user '${d.user}' is locked.`,
    remedy: 'Unlock the user. It was locked by an administrator, or after too many wrong passwords.',
  },
  'identity.bearerUnsupported': {
    stage: 'identity',
    status: 401,
    reason: () => 'The call had a bearer token, and this address takes none.',
    remedy: 'Use a client certificate, or Basic with client id and secret.',
  },
  'identity.proxyAlone': {
    stage: 'identity',
    status: 401,
    reason: (d: { proxy: string }) =>
      `The trusted proxy '${d.proxy}' passed on neither a client certificate nor an Authorization header.`,
    remedy: 'Let the client show its certificate to the proxy, and the proxy pass it on as Client-Cert.',
  },
  'identity.uncheckable': {
    stage: 'identity',
    status: 503,
    reason: () => 'Who calls could not be checked; the error is in the log of Sluice.',
    remedy: 'Try again; if it stays so, look for the error in the log and report it.',
  },
} as const satisfies RefusalDeclarations
