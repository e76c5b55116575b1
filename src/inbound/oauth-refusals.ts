import type { RefusalDeclarations } from './declared-refusal.ts'

type Check = { readonly check: string; readonly message: string; readonly expected: string; readonly found: string }
const failed = ({ check, message, expected, found }: Check): string =>
  `${message} (${check}: expected ${expected}, found ${found})`
const parameters = 'Send the parameters of the grant as a form (application/x-www-form-urlencoded), each once.'

/** Why the authorization server gave no token. The caller gets the code of the RFC and a reference. */
export const oauthRefusals = {
  'oauth.requestMalformed': {
    stage: 'identity',
    status: 400,
    reason: (d: { why: string }) => `The request to the authorization server cannot be read: ${d.why}.`,
    remedy: parameters,
  },
  'oauth.methodForbidden': {
    stage: 'method',
    status: 405,
    reason: (d: { method: string; allowed: string }) => `The method is ${d.method}; this address takes ${d.allowed}.`,
    remedy: 'Send tokens and credentials by POST.',
  },
  'oauth.addressUnknown': {
    stage: 'route',
    status: 404,
    reason: () => 'The authorization server has no such address.',
    remedy: 'Read the addresses in /.well-known/oauth-authorization-server.',
  },
  'oauth.zoneUnknown': {
    stage: 'route',
    status: 400,
    reason: (d: { zone: string }) => `The keys of another zone than '${d.zone}' were asked for.`,
    remedy: 'A token of another zone does not count here: get one from this authorization server.',
  },
  'oauth.tooLarge': {
    stage: 'size',
    status: 413,
    reason: (d: { most: number }) => `The request has more than ${d.most} bytes.`,
    remedy: 'Send one assertion, without certificates or attributes that nobody needs.',
  },
  'oauth.parameterMissing': {
    stage: 'identity',
    status: 400,
    reason: (d: { name: string }) => `The parameter '${d.name}' is missing or empty.`,
    remedy: parameters,
  },
  'oauth.queryForbidden': {
    stage: 'policy',
    status: 400,
    reason: (d: { name: string }) =>
      `The parameter '${d.name}' was sent in the address, where logs and proxies keep it.`,
    remedy: parameters,
  },
  'oauth.clientMissing': {
    stage: 'identity',
    status: 401,
    reason: () => 'The request has no client authentication.',
    remedy: 'Authenticate by client id and secret, by client certificate, or by a signed assertion.',
  },
  'oauth.clientSeveral': {
    stage: 'identity',
    status: 400,
    reason: (d: { found: string }) => `The request authenticates its client more than once: ${d.found}.`,
    remedy: 'Send client id and secret in one place, or one client assertion.',
  },
  'oauth.clientUnknown': {
    stage: 'identity',
    status: 401,
    reason: (d: { clientId: string | undefined }) =>
      d.clientId === undefined
        ? 'The client is not known. Its id is not repeated here: it may be a secret in the wrong place.'
        : `The client '${d.clientId}' is not known, has no key of this kind, or its secret is wrong.`,
    remedy: 'Copy client id and credential from the service key again; a deleted or ended key no longer counts.',
  },
  'oauth.clientCertificate': {
    stage: 'certificate',
    status: 401,
    reason: (d: { subject: string; why: string }) => `The client certificate '${d.subject}' is not accepted: ${d.why}.`,
    remedy: 'Use a certificate that a service key has, that is in force and trusted.',
  },
  'oauth.clientContradictory': {
    stage: 'identity',
    status: 401,
    reason: (d: { one: string; other: string }) =>
      `The request names the client '${d.one}' and the client '${d.other}'.`,
    remedy: 'Send id and credential of one service key.',
  },
  'oauth.clientAssertion': {
    stage: 'identity',
    status: 401,
    reason: (d: Check) => `The client assertion is not accepted: ${failed(d)}.`,
    remedy: 'Sign a JWT with iss, sub, aud, exp and jti by the private key of a certificate that the service key has.',
  },
  'oauth.methodOfPolicy': {
    stage: 'policy',
    status: 401,
    reason: (d: { used: string; allowed: string }) =>
      `The client authenticated by ${d.used}; the policy of the tenant allows only ${d.allowed}.`,
    remedy: 'Authenticate in an allowed way, or allow this one in the policy.',
  },
  'oauth.grantUnsupported': {
    stage: 'identity',
    status: 400,
    reason: (d: { found: string }) => `The grant type '${d.found}' is not offered.`,
    remedy: 'Use one that /.well-known/oauth-authorization-server lists.',
  },
  'oauth.grantForbidden': {
    stage: 'policy',
    status: 400,
    reason: (d: { grant: string; instance: string; allowed: string }) =>
      `The service instance '${d.instance}' may use ${d.allowed || 'no grant type'}, not '${d.grant}'.`,
    remedy: 'Add the grant type to the parameters of the service instance.',
  },
  'oauth.scope': {
    stage: 'role',
    status: 400,
    reason: (d: { found: string; held: string }) =>
      `The scope '${d.found}' was asked for; there is ${d.held || 'none'}.`,
    remedy: 'Ask for no scope, or give instance, user or group the role.',
  },
  'oauth.assertion': {
    stage: 'identity',
    status: 400,
    reason: (d: Check) => `The assertion is not accepted: ${failed(d)}.`,
    remedy: 'Compare with `sluice assertion verify`, and correct the assertion or the identity provider.',
  },
  'oauth.ownToken': {
    stage: 'identity',
    status: 400,
    reason: (d: { parameter: string; why: string }) => `The token in '${d.parameter}' is not accepted: ${d.why}.`,
    remedy: 'Send an access token of a user, which this installation issued and which is still valid.',
  },
  'oauth.tokenType': {
    stage: 'identity',
    status: 400,
    reason: (d: { parameter: string; found: string; allowed: string }) =>
      `The parameter '${d.parameter}' is '${d.found}'; allowed is ${d.allowed}.`,
    remedy: 'Exchange access tokens for access tokens.',
  },
  'oauth.target': {
    stage: 'identity',
    status: 400,
    reason: (d: { found: string }) => `A token for '${d.found}' was asked for, for which none is issued here.`,
    remedy: 'Leave `audience` and `resource` out, or name this authorization server.',
  },
  'oauth.password': {
    stage: 'identity',
    status: 400,
    reason: (d: { user: string | undefined }) =>
      d.user === undefined
        ? 'User name or password is wrong.'
        : `The password of the user '${d.user}' is wrong, or it has none.`,
    remedy: 'Correct the password, or set a new one for the user.',
  },
  'oauth.userLocked': {
    stage: 'identity',
    status: 400,
    reason: (d: { user: string }) => `The user '${d.user}' is locked.`,
    remedy: 'Unlock the user. It was locked by an administrator, or after too many wrong passwords.',
  },
  'oauth.guessing': {
    stage: 'rate',
    status: 429,
    reason: (d: { seconds: number }) => `There were too many wrong credentials; the next try counts in ${d.seconds} s.`,
    remedy: 'Correct the credential in the client. The wait ends by itself.',
  },
  'oauth.grantInvalid': {
    stage: 'identity',
    status: 400,
    reason: (d: { why: string }) => `The code or refresh token is not accepted: ${d.why}.`,
    remedy: 'Let the user log on again: codes and refresh tokens count once.',
  },
  'oauth.authorizationRefused': {
    stage: 'identity',
    status: 400,
    reason: (d: { error: string; why: string }) => `A log-on ended with ${d.error}: ${d.why}.`,
    remedy: 'Compare client id, redirect URI, response type and PKCE with the service instance.',
  },
  'oauth.logOnsTooMany': {
    stage: 'rate',
    status: 429,
    reason: (d: { remoteAddress: string; seconds: number }) =>
      `Too many log-ons were begun, by the address ${d.remoteAddress} or by all together; the next one may begin in ${d.seconds} s.`,
    remedy:
      'Look for what begins log-ons without a person behind it. Behind a proxy that is not registered as trusted all people have one address.',
  },
  'oauth.uncheckable': {
    stage: 'identity',
    status: 503,
    reason: () => 'The request could not be checked; the error is in the log of Sluice.',
    remedy: 'Try again; if it stays so, look for the error in the log and report it.',
  },
} as const satisfies RefusalDeclarations
