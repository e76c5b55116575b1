import type { KeyObject } from 'node:crypto'

import type { IdentityProvider } from '../identity/index.ts'
import type { CompactJws } from './compact-jws.ts'
import type { ReaderParts } from './contracts.ts'
import { certificatesOf, countsAt, keysOf, type ProviderCertificate } from './provider-keys.ts'
import { fits, isSignature } from './signature-algorithms.ts'
import type { Trail } from './trail.ts'

interface Given {
  readonly provider: IdentityProvider
  readonly now: number
  readonly trail: Trail
  readonly fetchKeys: ReaderParts['fetchKeys']
}

interface Candidate {
  readonly name: string
  readonly key: KeyObject
}

/** Checks the signature by the keys and certificates of the provider. The header only chooses among these. */
export async function checkJwtSignature(jws: CompactJws, given: Given): Promise<void> {
  const { provider, trail } = given
  const { alg } = jws.header
  const algorithm = typeof alg === 'string' ? alg : ''
  const allowed = provider.algorithms.includes(algorithm) && algorithm !== 'RS1'
  trail.check('jwt.algorithm', allowed, { expected: provider.algorithms.join(', '), found: algorithm })
  const candidates = await candidatesFor(jws, algorithm, given)
  const wanted = ['kid', 'x5t#S256'].flatMap((name) => {
    const value = jws.header[name]
    return typeof value === 'string' ? [`${name} ${value}`] : []
  })
  const keySeen = { expected: `a key for ${algorithm || 'the algorithm'} that counts now`, found: wanted.join(', ') }
  const found = candidates.map(({ name }) => name).join(', ') || keySeen.found
  // The workbench goes on with the claims; the reader does not come back from a check that fails.
  if (!trail.check('jwt.key', candidates.length > 0, { ...keySeen, found })) return
  const content = Buffer.from(jws.signed)
  const right = candidates.find(({ key }) => isSignature(algorithm, key, content, jws.signature))
  trail.check('jwt.signature', right !== undefined, {
    expected: `by ${candidates.map(({ name }) => name).join(' or ')}`,
    found: right === undefined ? 'no key fits' : `right by ${right.name}`,
  })
}

async function candidatesFor(
  { header }: CompactJws,
  algorithm: string,
  { provider, now, fetchKeys }: Given,
): Promise<readonly Candidate[]> {
  const certificates = certificatesOf(provider).filter((each) => countsAt(each, now) && fits(algorithm, each.key))
  const thumbprint = header['x5t#S256']
  if (thumbprint !== undefined)
    return certificates.filter(({ fingerprint }) => hexOf(thumbprint) === fingerprint).map(candidateOf)

  const { kid } = header
  if (kid !== undefined && typeof kid !== 'string') return []
  const among = (jwks: IdentityProvider['jwks']): readonly Candidate[] =>
    keysOf(jwks, algorithm)
      .filter((each) => kid === undefined || each.kid === kid)
      .map((each) => ({ name: `key ${each.kid || 'without kid'}`, key: each.key }))
  const known = among(provider.jwks)
  if (kid === undefined) return [...known, ...certificates.map(candidateOf)]
  if (known.length > 0) return known
  const fetched = provider.jwksUri === undefined || fetchKeys === undefined ? [] : among(await fetchKeys(provider))
  // Certificates have no kid: whoever signs with one gives it any.
  return fetched.length > 0 ? fetched : certificates.map(candidateOf)
}

const candidateOf = ({ fingerprint, key }: ProviderCertificate): Candidate => ({
  name: `certificate ${fingerprint}`,
  key,
})

const hexOf = (thumbprint: unknown): string =>
  typeof thumbprint === 'string' ? Buffer.from(thumbprint, 'base64url').toString('hex') : ''
