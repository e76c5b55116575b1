import { type Refused, refused } from './refusals.ts'

/** Client id and secret of an Authorization header (RFC 7617), or why it is not accepted. */
export function readBasic(
  header: string,
): { readonly clientId: string; readonly secret: string } | { readonly refused: Refused } {
  const [, scheme = '', credentials = ''] = /^([^\s]+) +([^\s]+) *$/.exec(header) ?? []
  if (scheme === '') return malformed('it is not a scheme followed by a credential')
  // A scheme is shown in the refusal, so it must not be a secret that was put in its place.
  if (scheme.toLowerCase() !== 'basic') {
    const known = ['bearer', 'digest', 'negotiate', 'ntlm'].find((each) => each === scheme.toLowerCase())
    return { refused: refused('identity.schemeUnsupported', { scheme: known ?? 'unknown' }) }
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return malformed('its credential is not base64')
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 1) return malformed('its credential has no colon between client id and secret')
  return { clientId: decoded.slice(0, colon), secret: decoded.slice(colon + 1) }
}

const malformed = (why: string) => ({ refused: refused('identity.authorizationMalformed', { why }) })
