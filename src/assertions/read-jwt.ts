import { createHash } from 'node:crypto'

import type { IdentityProvider } from '../identity/index.ts'
import { type Members, readCompactJws } from './compact-jws.ts'
import type { Asserted, ReaderParts } from './contracts.ts'
import { checkJwtSignature } from './jwt-signature.ts'
import type { Reading } from './read-saml.ts'
import { longestLife } from './saml-conditions.ts'
import type { Trail } from './trail.ts'
import { attributesBy, type AttributeValues, groupsBy, isUserName } from './who-asserted.ts'

const types: readonly string[] = ['jwt', 'application/jwt', 'authorization-grant+jwt']
const mostActors = 10

/** Claims that speak of the token and not of its user. */
const registered: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'act', 'cnf']

export interface JwtReading extends Reading {
  readonly fetchKeys: ReaderParts['fetchKeys']
}

/** Reads an assertion and checks all but that it is used once. */
export async function readJwt(token: string, reading: JwtReading): Promise<Asserted & { readonly skew: number }> {
  const { trail, now, audience, fetchKeys } = reading
  const jws = readCompactJws(token, trail)
  checkHeader(jws.header, trail)
  const { claims } = jws
  const provider = providerFor(claims, reading)
  await checkJwtSignature(jws, { provider, now, trail, fetchKeys })

  const sub = textOf(claims['sub'])
  trail.check('jwt.subject', isUserName(sub), { expected: 'a user id', found: sub })
  const accepted = [
    ...new Set([...audience.audiences, ...provider.audiences, ...audience.recipients, ...provider.recipients]),
  ]
  const named = textsOf(claims['aud'])
  const ours = named?.some((name) => accepted.includes(name)) ?? false
  trail.check('jwt.audience', ours, { expected: accepted.join(', '), found: named?.join(', ') ?? 'no text' })
  const until = checkTimes(claims, { now, skew: provider.skew * 1000, trail })
  const id = idOf(claims, jws.payload, trail)
  const values = valuesOf(claims)
  return {
    user: userOf(provider, sub, values, trail),
    issuer: provider.issuer,
    id,
    until,
    attributes: attributesBy(provider, values),
    groups: groupsBy(provider, values),
    actors: actorsOf(claims['act'], trail),
    skew: provider.skew * 1000,
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A text or a list of texts; undefined for anything else. */
function textsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return list.every((each) => typeof each === 'string') ? list : undefined
}

function checkHeader(header: Members, trail: Trail): void {
  const { typ, crit } = header
  const type = typ === undefined ? 'none' : textOf(typ)
  trail.check('jwt.type', typ === undefined || types.includes(type.toLowerCase()), { expected: 'JWT', found: type })
  const critical = crit === undefined ? 'none' : JSON.stringify(crit)
  trail.check('jwt.critical', crit === undefined, { expected: 'none', found: critical })
  const brought = ['jku', 'x5u', 'jwk'].filter((name) => Object.hasOwn(header, name))
  trail.check('jwt.keyInHeader', brought.length === 0, { expected: 'none', found: brought.join(', ') || 'none' })
}

function providerFor({ iss }: Members, { providerOf, audience, trail }: Reading): IdentityProvider {
  const issuer = textOf(iss)
  const provider = issuer === '' ? undefined : providerOf(issuer)
  const seen = { expected: provider?.issuer ?? 'the issuer of a trusted identity provider', found: issuer }
  if (provider?.issuer !== issuer) return trail.stop('jwt.issuer', seen)
  trail.check('jwt.issuer', true, seen)
  trail.check('jwt.provider', provider.enabled, { expected: 'on', found: provider.enabled ? 'on' : 'off' })
  const { clients } = provider
  const mayBring = clients.length === 0 || audience.client.some((client) => clients.includes(client))
  trail.check('jwt.client', mayBring, { expected: clients.join(', ') || 'any', found: audience.client.join(', ') })
  return provider
}

interface Times {
  readonly now: number
  readonly skew: number
  readonly trail: Trail
}

function checkTimes({ exp, nbf, iat }: Members, { now, skew, trail }: Times): number {
  const until = timeOf(exp) ?? -Infinity
  trail.check('jwt.expired', now - skew < until, { expected: `after ${isoOf(now - skew)}`, found: shownTime(exp) })
  const latest = now + longestLife
  trail.check('jwt.lifetime', until <= latest, { expected: `until ${isoOf(latest)}`, found: shownTime(exp) })
  const before = [
    ['jwt.notBefore', nbf],
    ['jwt.issuedAt', iat],
  ] as const
  for (const [check, value] of before) {
    if (value === undefined) continue
    const come = (timeOf(value) ?? Infinity) <= now + skew
    trail.check(check, come, { expected: `until ${isoOf(now + skew)}`, found: shownTime(value) })
  }
  return until
}

const isoOf = (time: number): string => new Date(time).toISOString()

/** Milliseconds since 1970 of a NumericDate, which may have a fraction. */
function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'number' ? value * 1000 : Number.NaN
  return Math.abs(time) <= 8.64e15 ? time : undefined
}

function shownTime(value: unknown): string {
  const time = timeOf(value)
  if (time !== undefined) return isoOf(time)
  return value === undefined ? '' : 'no number of seconds'
}

/** The id that is spent. Where the sender gives none, equal claims count as the same assertion, whatever its signature. */
function idOf({ jti }: Members, payload: string, trail: Trail): string {
  if (jti === undefined) return `sha256:${createHash('sha256').update(payload).digest('base64url')}`
  const fits = typeof jti === 'string' && jti !== '' && jti.length <= 256
  trail.check('jwt.id', fits, { expected: 'a text', found: typeof jti === 'string' ? jti : 'no text' })
  return textOf(jti)
}

function valuesOf(claims: Members): AttributeValues {
  const plain = (value: unknown): readonly string[] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
  const found = Object.entries(claims)
    .filter(([name]) => !registered.includes(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.flatMap(plain) : plain(value)] as const)
  return new Map(found.filter(([, values]) => values.length > 0))
}

function userOf({ userId }: IdentityProvider, sub: string, values: AttributeValues, trail: Trail): string {
  if (userId.source === 'nameId') return sub
  const [user = '', ...others] = values.get(userId.attribute) ?? []
  const found = others.length > 0 ? `${others.length + 1} values` : user
  trail.check('jwt.user', isUserName(user) && others.length === 0, {
    expected: `one value of ${userId.attribute}`,
    found,
  })
  return user
}

function actorsOf(act: unknown, trail: Trail): readonly string[] {
  const actors: string[] = []
  for (let next = act; next !== undefined; next = (next as Members)['act']) {
    const sub = typeof next === 'object' && next !== null ? textOf((next as Members)['sub']) : ''
    const fits = isUserName(sub) && actors.length < mostActors
    if (!fits) return trail.stop('jwt.actors', { expected: 'an object with sub', found: sub || 'something else' })
    actors.push(sub)
  }
  return actors
}
