import { createPublicKey, type KeyObject } from 'node:crypto'

import { weaknessOf } from './client-certificate.ts'

type Jwk = Readonly<Record<string, unknown>>

const most = 50
const minimumRsaBits = 2048

/** Members that are kept, by the kind of key (RFC 7518, 6 and RFC 8037, 2). Others are not needed to verify. */
const members: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
}
const described = ['kty', 'kid', 'use', 'alg']
const secret = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const curves: readonly unknown[] = ['P-256', 'P-384', 'P-521']

/** The algorithms that a provider may sign by, by their JOSE names. No shared secret is one, and neither is none. */
export const signatureAlgorithms: readonly string[] = [
  ...['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)),
  'EdDSA',
]

/** The algorithms that signatures of a key can be of. */
export function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): readonly string[] {
  if (type === 'rsa') return signatureAlgorithms.filter((name) => /^[RP]S/.test(name))
  if (type === 'rsa-pss') return signatureAlgorithms.filter((name) => name.startsWith('PS'))
  if (type === 'ed25519' || type === 'ed448') return ['EdDSA']
  const byCurve: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }
  const named = byCurve[details?.namedCurve ?? '']
  return type === 'ec' && named !== undefined ? [named] : []
}

/** What is wrong with one key; else the key with no more than what it takes to verify. */
function readKey(key: unknown, position: number): { readonly key: Jwk } | { readonly problem: string } {
  const words = `jwks key ${position}`
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return { problem: `${words} is no JSON object` }
  const given = key as Jwk
  if (secret.some((name) => name in given)) return { problem: `${words} holds a secret: give public keys only` }
  const { kty, kid, use, alg, key_ops: operations } = given
  const needed = typeof kty === 'string' && Object.hasOwn(members, kty) ? members[kty] : undefined
  if (needed === undefined) return { problem: `${words} has a kty that is none of RSA, EC and OKP` }
  if (use !== undefined && use !== 'sig') return { problem: `${words} is not for signatures (its use is not sig)` }
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return { problem: `${words} is not for verifying (its key_ops have no verify)` }
  if (alg !== undefined && !signatureAlgorithms.includes(String(alg)))
    return { problem: `${words} is for an algorithm that is not accepted (alg)` }
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > 500))
    return { problem: `${words} has a kid that is no text of 1 to 500 characters` }
  const kept = Object.fromEntries(
    [...described, ...needed].flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  )
  if (kty === 'EC' && !curves.includes(given['crv']))
    return { problem: `${words} is on a curve other than P-256, P-384 and P-521` }
  try {
    const weakness = weaknessOf(createPublicKey({ key: kept, format: 'jwk' }), minimumRsaBits)
    return weakness ? { problem: `${words} is ${weakness.key}, and ${weakness.needed}` } : { key: kept }
  } catch {
    return { problem: `${words} is no complete public key` }
  }
}

/** Reads a list of keys as somebody types it. Several can only be told apart by `kid`. */
export function readKeys(given: unknown): { readonly keys: readonly Jwk[]; readonly problems: readonly string[] } {
  if (!Array.isArray(given)) return { keys: [], problems: ['jwks must be a list of keys'] }
  if (given.length > most) return { keys: [], problems: [`jwks has ${given.length} keys; at most ${most} are taken`] }
  const read = given.map((key, index) => readKey(key, index + 1))
  const keys = read.flatMap((each) => ('key' in each ? [each.key] : []))
  const kids = keys.map(({ kid }) => kid)
  const problems = read.flatMap((each) => ('problem' in each ? [each.problem] : []))
  if (keys.length > 1 && kids.includes(undefined)) problems.push('jwks has several keys, so each needs a kid')
  const twice = kids.find((kid, index) => kid !== undefined && kids.indexOf(kid) !== index)
  if (twice !== undefined) problems.push(`jwks has the kid '${String(twice)}' twice`)
  return { keys, problems }
}

/** The keys of a published list that can verify here; a list may hold others, which concern somebody else. */
export function usableKeys(published: readonly unknown[]): readonly Jwk[] {
  const keys = published.slice(0, most).flatMap((key, index) => {
    const read = readKey(key, index + 1)
    return 'key' in read ? [read.key] : []
  })
  const named = keys.filter(
    ({ kid }, index) => kid !== undefined && keys.findIndex((other) => other['kid'] === kid) === index,
  )
  return keys.length === 1 ? keys : named
}
