import type { RefusalDeclarations } from './declared-refusal.ts'

/** Refusals about the call itself: from where and how, what for, how often, how large. */
export const callRefusals = {
  'method.forbidden': {
    stage: 'method',
    status: 405,
    reason: (d: { method: string; allowed: string }) => `The method ${d.method} is not served here, only ${d.allowed}.`,
    remedy: 'Call with a method that the address serves.',
  },
  'network.addressForbidden': {
    stage: 'network',
    status: 403,
    reason: (d: { remoteAddress: string; whose: string }) =>
      `Calls from ${d.remoteAddress} are not taken: the address is in no network of the ${d.whose}.`,
    remedy: 'Call from an allowed network, or add this one to the policy.',
  },
  'policy.methodForbidden': {
    stage: 'policy',
    status: 403,
    reason: (d: { used: string; allowed: string; whose: string }) =>
      `The call was authenticated by ${d.used}; the policy of the ${d.whose} allows ${d.allowed}.`,
    remedy: 'Authenticate in an allowed way, or allow this one in the policy.',
  },
  'policy.methodMissing': {
    stage: 'policy',
    status: 403,
    reason: (d: { used: string; missing: string }) =>
      `The endpoint needs several proofs of the same client; the call had ${d.used}, but not ${d.missing}.`,
    remedy: 'Send all of them with the same call, or let the policy of the endpoint be content with any.',
  },
  'policy.certificateNeeded': {
    stage: 'policy',
    status: 403,
    reason: (d: { remoteAddress: string }) =>
      `Callers from ${d.remoteAddress}, which is outside the internal networks, need a client certificate.`,
    remedy: 'Call with a client certificate, or add the network to those where none is needed.',
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
    reason: (d: { client: string; role: string; roles: string }) =>
      `The address needs the role '${d.role}'; '${d.client}' has ${d.roles}.`,
    remedy:
      'Give the role to the service instance or user, or set another one in the channel. Names are compared with case.',
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
  'role.namesOnly': {
    stage: 'role',
    status: 403,
    reason: (d: { subject: string }) =>
      `The certificate '${d.subject}' counts only at channels that list its names, and has no roles.`,
    remedy: 'Register it in a service key or map it to a user, or let the channel authorize by client certificate.',
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
  'rate.passwordGuessing': {
    stage: 'rate',
    status: 429,
    reason: (d: { name: string; seconds: number }) =>
      `There were too many wrong passwords or secrets for '${d.name}'; the next one is looked at in ${d.seconds} s.`,
    remedy: 'Correct the credential in the client. Clients whose credential was right before are not held up.',
  },
  'rate.credentialGuessing': {
    stage: 'rate',
    status: 429,
    reason: (d: { remoteAddress: string; seconds: number }) =>
      `There were too many wrong credentials from ${d.remoteAddress}; the next one is looked at in ${d.seconds} s.`,
    remedy: 'Find the client there that sends wrong credentials. Those that were right before are not held up.',
  },
  'rate.passwordsBusy': {
    stage: 'rate',
    status: 429,
    reason: (d: { waiting: number }) => `There are ${d.waiting} passwords waiting to be checked, which is the limit.`,
    remedy: 'Use certificates or client secrets for machines: a password takes long to check on purpose.',
  },
  'rate.clientExceeded': {
    stage: 'rate',
    status: 429,
    reason: (d: { name: string; perSecond: number }) =>
      `The client '${d.name}' calls more often than ${d.perSecond} times a second.`,
    remedy: 'Call less often, and wait as Retry-After says; or raise the rate of clients in the policy.',
  },
  'rate.endpointExceeded': {
    stage: 'rate',
    status: 429,
    reason: (d: { address: string; perSecond: number }) =>
      `The endpoint '${d.address}' is called more often than ${d.perSecond} times a second.`,
    remedy: 'Call less often, and wait as Retry-After says; or raise the rate in the policy of the endpoint.',
  },
  'rate.tenantExceeded': {
    stage: 'rate',
    status: 429,
    reason: (d: { perSecond: number }) => `The tenant is called more often than ${d.perSecond} times a second.`,
    remedy: 'Call less often, and wait as Retry-After says; or raise the rate of the tenant in the policy.',
  },
} as const satisfies RefusalDeclarations
