import { actorsOf, type Claims } from '../access-token.ts'
import type { Peer } from '../authorization-server.ts'
import type { TokenUser } from '../issue-token.ts'
import { readJws } from '../jws.ts'
import { OAuthRefusal, refusal } from '../oauth-refusal.ts'
import { isFailure, type RunningTokenVerifier } from '../token-verifier.ts'

/** An access token of this installation that comes as an assertion or to be exchanged, with its user. @throws oauth.ownToken */
export function ownToken(
  given: { readonly parameter: string; readonly token: string; readonly peer: Peer },
  verifier: RunningTokenVerifier,
): { readonly claims: Claims; readonly user: TokenUser } {
  const { parameter, token, peer } = given
  function refuse(why: string): OAuthRefusal {
    const refused = refusal('oauth.ownToken', { parameter, why: why.replace(/\.$/, '') })
    // As an assertion it is a grant (RFC 7521, 4.1.1), as a subject it is a parameter (RFC 8693, 2.2.2).
    return parameter === 'assertion' ? new OAuthRefusal(refused.refused, 'invalid_grant') : refused
  }
  const claims = verifier.read(token)
  if (isFailure(claims)) throw refuse(claims.reason)
  const { fingerprint } = peer
  const owner = verifier.ownerOf(claims, fingerprint === undefined ? undefined : { fingerprint })
  if (isFailure(owner)) throw refuse(owner.reason)
  if (claims.user_name === undefined) throw refuse('It names no user')
  const { attributes } = owner.principal
  const { idp } = claims.ext_attr
  return {
    claims,
    user: {
      name: claims.user_name,
      attributes,
      groups: claims['xs.system.attributes']?.['xs.saml.groups'] ?? [],
      provider: idp === undefined ? undefined : { issuer: idp, name: claims.origin ?? idp },
      actors: actorsOf(claims.act),
    },
  }
}

/** Whether an assertion says that it is of this issuer; nothing is verified. */
export function isOfIssuer(assertion: string, issuer: string): boolean {
  const jws = readJws(assertion)
  return typeof jws !== 'string' && jws.payload['iss'] === issuer
}
