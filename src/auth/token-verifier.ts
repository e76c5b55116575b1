import { createHmac, randomBytes } from 'node:crypto'

import { type Clock, createBoundedMap } from '../base/index.ts'
import type { Identified, Identity } from '../identity/index.ts'
import {
  type RefusalCode,
  type Refused,
  refused,
  type TokenFailure,
  type TokenOwner,
  type TokenVerifier,
} from '../inbound/index.ts'
import { actorsOf, audienceOf, type Claims, thumbprintOf } from './access-token.ts'
import { readJws, verifyJws } from './jws.ts'
import { grantRevocation, type Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'

/** The verifier of a process, and its parts for those who exchange tokens. */
export interface RunningTokenVerifier extends TokenVerifier {
  /** Takes over keys and revocations of other processes. */
  readonly reload: () => Promise<void>
  /** Signature, issuer, audience, tenant and time alone. */
  readonly read: (token: string) => Claims | TokenFailure
  /** Whether what was read counts now: not revoked, bound to this certificate or none, client and user are there. */
  readonly ownerOf: (
    claims: Claims,
    presented: { readonly fingerprint: string } | undefined,
  ) => Identified | TokenFailure
}

const mostRemembered = 5000

type TokenCode = Extract<RefusalCode, `token.${string}`>
type Details<Code extends TokenCode> = Parameters<typeof refused<Code>> extends [Code, ...infer Rest] ? Rest : never

function failure<const Code extends TokenCode>(named: Code, ...details: Details<Code>): TokenFailure {
  const { code, reason, remedy } = (refused as (code: Code, ...rest: Details<Code>) => Refused)(named, ...details)
  return { code: code.slice('token.'.length), reason, remedy }
}
const instant = (seconds: number): string => new Date(seconds * 1000).toISOString()
/** What a claim says, for a record: short, and whatever its type is. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 200)

export const isFailure = (outcome: object): outcome is TokenFailure => 'remedy' in outcome

/**
 * Verifies access tokens of this installation; used by both processes. What was verified is remembered under an HMAC of
 * the token, until keys change; what may change otherwise is looked at each time.
 */
export function createTokenVerifier(given: {
  readonly keys: Pick<SigningKeys, 'verificationKey' | 'revision' | 'reload'>
  readonly revocations: Revocations
  readonly identity: Pick<Identity, 'byToken' | 'user' | 'identityProviderOf' | 'keys'>
  readonly issuer: () => string
  readonly tenant: string
  readonly clock: Clock
}): RunningTokenVerifier {
  const { keys, revocations, identity, issuer, tenant, clock } = given
  const verified = createBoundedMap<{ readonly keys: number; readonly claims: Claims }>(mostRemembered)
  const hmacKey = randomBytes(32)

  function timely(claims: Claims): Claims | TokenFailure {
    const now = clock.now() / 1000
    if (now >= claims.exp) return failure('token.expired', { expected: instant(now), found: instant(claims.exp) })
    // All tokens are of the same clock, or of another machine of the installation.
    if (claims.iat > now + 60) return failure('token.notYet', { expected: instant(now), found: instant(claims.iat) })
    return claims
  }

  function readAnew(token: string): Claims | TokenFailure {
    const jws = readJws(token)
    if (typeof jws === 'string') return failure('token.malformed', { why: jws })
    const { alg, typ, kid } = jws.header
    if (alg !== 'ES256') return failure('token.algorithm', { expected: 'ES256', found: shown(alg) })
    if (typ !== 'JWT') return failure('token.type', { expected: 'JWT', found: shown(typ) })
    const key = typeof kid === 'string' ? keys.verificationKey(kid) : undefined
    if (key === undefined) return failure('token.keyUnknown', { found: shown(kid) })
    if (!verifyJws('ES256', key, jws)) return failure('token.signature')
    return claimsOf(jws.payload)
  }

  function claimsOf(payload: Readonly<Record<string, unknown>>): Claims | TokenFailure {
    const expected = { iss: issuer(), zid: tenant }
    for (const claim of ['iss', 'zid'] as const)
      if (payload[claim] !== expected[claim])
        return failure('token.claim', { claim, expected: expected[claim], found: shown(payload[claim]) })
    const { aud, nbf } = payload
    const audience = audienceOf(tenant)
    if (!Array.isArray(aud) || !aud.includes(audience))
      return failure('token.claim', { claim: 'aud', expected: audience, found: shown(aud) })
    if (nbf !== undefined && !(typeof nbf === 'number' && nbf * 1000 <= clock.now()))
      return failure('token.claim', { claim: 'nbf', expected: 'a time in the past', found: shown(nbf) })
    for (const claim of ['exp', 'iat'] as const)
      if (!Number.isSafeInteger(payload[claim]))
        return failure('token.claim', { claim, expected: 'whole seconds', found: shown(payload[claim]) })
    for (const claim of ['jti', 'sub', 'client_id', 'grant_type'] as const)
      if (typeof payload[claim] !== 'string')
        return failure('token.claim', { claim, expected: 'a text', found: shown(payload[claim]) })
    if (!Array.isArray(payload['scope']))
      return failure('token.claim', { claim: 'scope', expected: 'a list', found: shown(payload['scope']) })
    return payload as unknown as Claims
  }

  function read(token: string): Claims | TokenFailure {
    const tag = createHmac('sha256', hmacKey).update(token).digest('base64')
    const { revision } = keys
    const known = verified.get(tag)
    if (known?.keys === revision) return timely(known.claims)
    const claims = readAnew(token)
    if (isFailure(claims)) return claims
    verified.set(tag, { keys: revision, claims })
    return timely(claims)
  }

  function ownerOf(claims: Claims, presented: { readonly fingerprint: string } | undefined) {
    const { jti, client_id: clientId, user_name: user, ext_attr: extra, cnf } = claims
    if (revocations.has(jti) || (extra.grantid !== undefined && revocations.has(grantRevocation(extra.grantid))))
      return failure('token.revoked', { found: jti })
    if (cnf !== undefined) {
      const found = presented === undefined ? 'no certificate' : thumbprintOf(presented.fingerprint)
      const expected = cnf['x5t#S256']
      if (found !== expected) return failure('token.binding', { expected, found })
    }
    const key = identity.keys.find(extra.servicekeyid)
    const ended = key?.until !== undefined && clock.now() >= key.until
    if (key === undefined || key.instanceId !== extra.serviceinstanceid || key.clientId !== clientId || ended)
      return failure('token.clientGone', { found: clientId })
    if (extra.idp !== undefined && identity.identityProviderOf(extra.idp)?.enabled !== true)
      return failure('token.providerGone', { found: extra.idp })
    const local = user === undefined || extra.idp !== undefined || identity.user(user) !== undefined
    const identified = local ? identity.byToken(tokenOf(claims)) : undefined
    if (identified === undefined)
      return user === undefined
        ? failure('token.clientGone', { found: clientId })
        : failure('token.userGone', { found: user })
    return narrowed(identified, claims, key.until)
  }

  return {
    // Both only grow, and a difference in either one shows in the sum.
    get revision() {
      return keys.revision + revocations.revision
    },
    reload: async () => void (await Promise.all([keys.reload(), revocations.reload()])),
    read,
    ownerOf,
    verify(token, presented): TokenOwner | TokenFailure {
      const claims = read(token)
      if (isFailure(claims)) return claims
      const owner = ownerOf(claims, presented)
      if (isFailure(owner)) return owner
      return { ...owner, until: Math.min(claims.exp * 1000, owner.until ?? Number.POSITIVE_INFINITY) }
    },
  }
}

/** What the registry is asked with. */
const tokenOf = (claims: Claims): Parameters<Identity['byToken']>[0] => ({
  clientId: claims.client_id,
  user: claims.user_name,
  attributes: Object.fromEntries(
    Object.entries(claims['xs.user.attributes'] ?? {}).map(([name, [value = '']]) => [name, value]),
  ),
  groups: claims['xs.system.attributes']?.['xs.saml.groups'] ?? [],
  issuer: claims.ext_attr.idp ?? claims.iss,
  actors: actorsOf(claims.act),
})

/** A token gives what both it and the registry give: a role that was taken away is gone at once. */
function narrowed(identified: Identified, { scope }: Claims, until: number | undefined): Identified {
  const roles = new Set(scope.filter((role) => identified.roles.has(role)))
  return { ...identified, roles, ...(until !== undefined && { until }) }
}
