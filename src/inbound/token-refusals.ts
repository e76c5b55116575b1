import type { RefusalDeclarations } from './declared-refusal.ts'

const newToken = 'Get a new token at the token endpoint.'
const ours = 'Send an access token of this installation, as its token endpoint gave it.'

/** Why a bearer token is not accepted; the verifier of tokens decides. */
export const tokenRefusals = {
  'token.malformed': {
    stage: 'identity',
    status: 401,
    reason: (d: { why: string }) => `The bearer token cannot be read: ${d.why}.`,
    remedy: ours,
  },
  'token.algorithm': {
    stage: 'identity',
    status: 401,
    reason: (d: { expected: string; found: string }) =>
      `The bearer token is signed with '${d.found}'; expected is ${d.expected}.`,
    remedy: ours,
  },
  'token.type': {
    stage: 'identity',
    status: 401,
    reason: (d: { expected: string; found: string }) =>
      `The bearer token is of the type '${d.found}'; expected is '${d.expected}'.`,
    remedy: ours,
  },
  'token.keyUnknown': {
    stage: 'identity',
    status: 401,
    reason: (d: { found: string }) => `The bearer token names the key '${d.found}', which is none that signs here now.`,
    remedy: newToken,
  },
  'token.signature': {
    stage: 'identity',
    status: 401,
    reason: () => 'The signature of the bearer token is wrong.',
    remedy: ours,
  },
  'token.claim': {
    stage: 'identity',
    status: 401,
    reason: (d: { claim: string; expected: string; found: string }) =>
      `The claim '${d.claim}' of the bearer token is '${d.found}'; expected is '${d.expected}'.`,
    remedy: ours,
  },
  'token.expired': {
    stage: 'identity',
    status: 401,
    reason: (d: { expected: string; found: string }) => `The bearer token ended at ${d.found}; it is ${d.expected}.`,
    remedy: newToken,
  },
  'token.notYet': {
    stage: 'identity',
    status: 401,
    reason: (d: { expected: string; found: string }) =>
      `The bearer token counts from ${d.found} on; it is ${d.expected}.`,
    remedy: 'Set the clocks: tokens of this installation count at once.',
  },
  'token.binding': {
    stage: 'identity',
    status: 401,
    reason: (d: { expected: string; found: string }) =>
      `The bearer token is bound to the client certificate ${d.expected}; the call came with ${d.found}.`,
    remedy: 'Call with the certificate with which the token was fetched.',
  },
  'token.revoked': {
    stage: 'identity',
    status: 401,
    reason: (d: { found: string }) => `The bearer token ${d.found} was revoked.`,
    remedy: newToken,
  },
  'token.clientGone': {
    stage: 'identity',
    status: 401,
    reason: (d: { found: string }) =>
      `The client '${d.found}' of the bearer token, or the key it used, is gone or has ended.`,
    remedy: 'Get a new token with a service key that is there.',
  },
  'token.userGone': {
    stage: 'identity',
    status: 401,
    reason: (d: { found: string }) => `The user '${d.found}' of the bearer token is locked or was deleted.`,
    remedy: 'Unlock the user, or get a token for another one.',
  },
  'token.providerGone': {
    stage: 'identity',
    status: 401,
    reason: (d: { found: string }) =>
      `The identity provider '${d.found}' that vouched for the user is disabled or was deleted.`,
    remedy: 'Enable the identity provider, or get a token with an assertion of another one.',
  },
} as const satisfies RefusalDeclarations
