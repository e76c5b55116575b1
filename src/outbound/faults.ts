import { declareFaults } from '../base/index.ts'

/** What is wrong with the answer of a token service; never its words, as they may hold what was sent. */
interface TokenService {
  readonly alias: string
  readonly host: string
}

export const faults = declareFaults('outbound', {
  aliasMissing: {
    kind: 'failed',
    message: (d: { method: string; what: string }) =>
      `The authentication ${d.method} needs ${d.what}, but its name is empty.`,
    remedy: 'Enter the name in the channel, or correct the expression that yields it.',
  },
  credentialMissing: {
    kind: 'failed',
    message: (d: { alias: string; wanted: string }) => `There is no '${d.alias}', which should be ${d.wanted}.`,
    remedy: 'Deploy a security material of this type with this name, or correct the name; names are case-sensitive.',
  },
  credentialUnfit: {
    kind: 'failed',
    message: (d: { method: string; alias: string; type: string; wanted: string }) =>
      `The authentication ${d.method} needs ${d.wanted}, but '${d.alias}' is of the type ${d.type}.`,
    remedy: 'Enter the name of a security material of the right type in the channel.',
  },
  keyMissing: {
    kind: 'failed',
    message: (d: { alias: string }) => `There is no key pair '${d.alias}' in the keystore.`,
    remedy: 'Import or generate the key pair with its certificate, or correct the alias.',
  },
  keyUnfit: {
    kind: 'failed',
    message: (d: { alias: string; why: string }) => `The key pair '${d.alias}' cannot be used here: ${d.why}.`,
    remedy: 'Use another key pair, or renew this one.',
  },
  tlsNeeded: {
    kind: 'failed',
    message: (d: { method: string; url: string }) =>
      `The authentication ${d.method} needs https, but the address is ${d.url}.`,
    remedy: 'Correct the address: over http there is nobody to show the certificate to.',
  },
  userMissing: {
    kind: 'failed',
    message: (d: { method: string; why: string }) => `The authentication ${d.method} needs a user: ${d.why}.`,
    remedy:
      'Call the flow with a user who is known, or name the user in the channel and let an administrator grant impersonation.',
  },
  userInvalid: {
    kind: 'failed',
    message: (d: { method: string; why: string }) => `The user cannot be passed on by ${d.method}: ${d.why}.`,
    remedy: 'Look at where the name of the user comes from.',
  },
  subjectInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `The subject pattern of the user certificate cannot be used: ${d.why}.`,
    remedy:
      'Write it as CN=${name},O=Example; ${client_id}, ${mail} and every other attribute of the user may stand in it.',
  },
  tokenServiceUnreachable: {
    kind: 'unavailable',
    message: (d: TokenService & { why: string }) =>
      `The token service of '${d.alias}' at ${d.host} cannot be asked: ${d.why}.`,
    remedy: 'Check the token service URL, the network, and that the certificate of the service is trusted.',
  },
  tokenRefused: {
    kind: 'failed',
    message: (d: TokenService & { status: number; error: string }) =>
      `The token service of '${d.alias}' at ${d.host} gave no token: status ${d.status}, ${d.error}.`,
    remedy:
      'invalid_client: check client ID and secret or key; invalid_grant: check user, audience, issuer and trust; look into the log of the service.',
  },
  tokenAnswerInvalid: {
    kind: 'failed',
    message: (d: TokenService & { why: string }) =>
      `The answer of the token service of '${d.alias}' at ${d.host} is of no use: ${d.why}.`,
    remedy: 'Check the token service URL: it must be the address that issues tokens, not a page for people.',
  },
  addressRefused: {
    kind: 'denied',
    message: (d: { host: string; why: string }) => `Scripts may not call ${d.host}: ${d.why}.`,
    remedy:
      'Call another address, or let an administrator open its network to scripts: sluice policy set script-networks=127.0.0.0/8.',
  },
  scriptRequestInvalid: {
    kind: 'failed',
    message: (d: { why: string }) => `The script makes a request that cannot be sent: ${d.why}.`,
    remedy: 'Correct the method or the URL in the script.',
  },
  scriptRequestTooLarge: {
    kind: 'exhausted',
    message: (d: { host: string; limit: number }) =>
      `The script sends more than ${d.limit} bytes to ${d.host} in one request.`,
    remedy: 'Send it in parts, or by an HTTP receiver of the flow.',
  },
  scriptRequestsExhausted: {
    kind: 'exhausted',
    message: (d: { limit: number; whose: string }) =>
      `${d.limit} requests of scripts are under way for ${d.whose}, which is the most.`,
    remedy: 'Wait for the answer of one request before the next one is made.',
  },
  redirectsExhausted: {
    kind: 'failed',
    message: (d: { host: string; limit: number }) =>
      `The request of the script was redirected ${d.limit} times, at last by ${d.host}.`,
    remedy: 'Call the address that the redirects should lead to.',
  },
})
