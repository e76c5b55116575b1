import { type Clock, hexId } from '../base/index.ts'
import type { Identity } from '../identity/index.ts'
import { actOf, audienceOf, type Claims, signClaims } from './access-token.ts'
import type { ServerAddresses } from './addresses.ts'
import type { AuthenticatedClient } from './authenticate-client.ts'
import { refusal } from './oauth-refusal.ts'
import type { SigningKeys } from './signing-keys.ts'

/** A user for whom a token is issued. */
export interface TokenUser {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  /** The identity provider that vouched for the user; undefined where the registry did. */
  readonly provider: { readonly issuer: string; readonly name: string } | undefined
  /** Newest first. */
  readonly actors: readonly string[]
}

/** What a grant has found out. */
export interface Granted {
  readonly client: AuthenticatedClient
  readonly grantType: string
  readonly user: TokenUser | undefined
  /** As asked for; undefined is everything. */
  readonly scope: string | undefined
  /** Besides what the roles give: a token that is exchanged gives no more than it had. */
  readonly within?: readonly string[] | undefined
  /** Seconds since 1970 at which the token ends at the latest. */
  readonly until?: number | undefined
  readonly grantId?: string | undefined
  readonly more?: Readonly<Record<string, string>>
}

/** The answer of the token endpoint (RFC 6749, 5.1), as the original writes it. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'bearer'
  readonly expires_in: number
  readonly scope: string
  readonly jti: string
}

/** Asked for by libraries that take every server for one of OpenID Connect; it gives nothing here. */
const ignored = new Set(['openid', 'offline_access', 'profile', 'email', 'uaa.resource'])
const scopeSyntax = /^[\x21\x23-\x5b\x5d-\x7e]+(?: +[\x21\x23-\x5b\x5d-\x7e]+)* *$/

/** What is asked for of what there is. @throws oauth.scope, oauth.requestMalformed */
export function scopesOf(asked: string | undefined, held: readonly string[]): readonly string[] {
  if (asked === undefined) return held
  if (asked.length > 4000 || !scopeSyntax.test(asked))
    throw refusal('oauth.scope', { found: 'with characters that no scope has', held: held.join(' ') })
  const wanted = asked.split(' ').filter((each) => each !== '' && !ignored.has(each))
  if (wanted.length === 0) return held
  const missing = wanted.find((each) => !held.includes(each))
  if (missing !== undefined) throw refusal('oauth.scope', { found: missing.slice(0, 200), held: held.join(' ') })
  return [...new Set(wanted)]
}

/** Issues access tokens: the one place where claims are made. */
export function createIssuer(given: {
  readonly identity: Pick<Identity, 'byToken'>
  readonly keys: Pick<SigningKeys, 'current'>
  readonly addresses: () => ServerAddresses
  readonly tenant: string
  readonly clock: Clock
}): (granted: Granted) => TokenAnswer & Readonly<Record<string, unknown>> {
  const { identity, keys, addresses, tenant, clock } = given
  const audience = audienceOf(tenant)

  function heldBy({ client, user, within }: Granted): readonly string[] {
    const identified = identity.byToken({
      clientId: client.clientId,
      user: user?.name,
      attributes: user?.attributes ?? {},
      groups: user?.groups ?? [],
      issuer: user?.provider?.issuer,
    })
    if (identified === undefined)
      throw user === undefined
        ? refusal('oauth.clientUnknown', { clientId: client.clientId })
        : refusal('oauth.userLocked', { user: user.name })
    const held = [...identified.roles]
    return within === undefined ? held : held.filter((role) => within.includes(role))
  }

  return (granted) => {
    const { client, grantType, user, more } = granted
    const { instance, key, clientId, thumbprint } = client
    const scope = scopesOf(granted.scope, heldBy(granted))
    const { issuer, jwks } = addresses()
    const now = Math.floor(clock.now() / 1000)
    const ends = Math.min(now + instance.tokenValidity, granted.until ?? Number.POSITIVE_INFINITY)
    const keyEnds = key.until === undefined ? ends : Math.floor(key.until / 1000)
    const exp = Math.max(now + 1, Math.min(ends, keyEnds))
    const jti = hexId()
    const claims: Claims = {
      jti,
      ext_attr: {
        enhancer: 'XSUAA',
        zdn: tenant,
        serviceinstanceid: instance.id,
        servicekeyid: key.id,
        ...(user?.provider !== undefined && { idp: user.provider.issuer }),
        ...(granted.grantId !== undefined && { grantid: granted.grantId }),
      },
      sub: user?.name ?? clientId,
      scope,
      client_id: clientId,
      cid: clientId,
      azp: clientId,
      grant_type: grantType,
      ...(user !== undefined && userClaims(user)),
      iat: now,
      exp,
      iss: issuer,
      zid: tenant,
      aud: [clientId, audience],
      ...(thumbprint !== undefined && { cnf: { 'x5t#S256': thumbprint } }),
    }
    return {
      access_token: signClaims(claims, keys, jwks),
      token_type: 'bearer',
      expires_in: exp - now,
      scope: scope.join(' '),
      jti,
      ...more,
    }
  }
}

/** What a library that asks for a person finds, under the names that assertions use for it. */
const first = (attributes: TokenUser['attributes'], names: readonly string[]): string | undefined =>
  names.map((name) => (Object.hasOwn(attributes, name) ? attributes[name] : undefined)).find(Boolean)

function userClaims(user: TokenUser): Partial<Claims> {
  const { name, attributes, groups, provider, actors } = user
  const email = first(attributes, ['email', 'mail', 'emailAddress']) ?? (name.includes('@') ? name : undefined)
  const given = first(attributes, ['given_name', 'first_name', 'firstName', 'givenName'])
  const family = first(attributes, ['family_name', 'last_name', 'lastName', 'sn'])
  const act = actOf(actors)
  return {
    user_id: name,
    user_name: name,
    ...(email !== undefined && { email }),
    ...(given !== undefined && { given_name: given }),
    ...(family !== undefined && { family_name: family }),
    origin: provider?.name ?? 'sluice',
    'xs.user.attributes': Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, [value]])),
    'xs.system.attributes': { 'xs.saml.groups': groups },
    ...(act !== undefined && { act }),
  }
}
