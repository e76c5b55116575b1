import { type Refused, refused } from './refusals.ts'

/** The credential of an Authorization header. */
export type Credential =
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string }

const foreign = new Set(['digest', 'negotiate', 'ntlm', 'hoba', 'mutual', 'dpop'])

/** Reads Basic (RFC 7617) and Bearer (RFC 6750), or says why the header is not accepted. */
export function readAuthorization(header: string): Credential | Refused {
  const [, scheme = '', credential = ''] = /^([^\s]+) +([^\s]+) *$/.exec(header) ?? []
  const kind = scheme.toLowerCase()
  if (kind === 'basic') return readBasic(credential)
  if (kind === 'bearer')
    return /^[A-Za-z0-9._~+/-]+=*$/.test(credential)
      ? { scheme: 'bearer', token: credential }
      : malformed('its token has characters that no token has')
  if (scheme === '') return malformed('it is not a scheme followed by a credential')
  // A scheme is shown in the refusal, so it must not be a secret that was put in its place.
  return refused('identity.schemeUnsupported', { scheme: foreign.has(kind) ? kind : 'unknown' })
}

function readBasic(credential: string): Credential | Refused {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credential)) return malformed('its credential is not base64')
  const decoded = Buffer.from(credential, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 1) return malformed('its credential has no colon between name and secret')
  return { scheme: 'basic', user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

const malformed = (why: string): Refused => refused('identity.authorizationMalformed', { why })
