import { X509Certificate } from 'node:crypto'

import type { SamlDraft } from '../assertions/index.ts'
import type { LentKey } from '../flow/index.ts'
import { faults } from './faults.ts'

const ofCurve: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/** The JOSE name of the signature that a key makes. @throws outbound.keyUnfit */
export function algorithmOf({ alias, key }: LentKey): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa') return 'RS256'
  if (type === 'ed25519') return 'EdDSA'
  const algorithm = type === 'ec' ? ofCurve[details?.namedCurve ?? ''] : undefined
  if (algorithm === undefined)
    throw faults.keyUnfit({ alias, why: 'no signature of an assertion is made with keys of its kind' })
  return algorithm
}

/** A signed JWT with the thumbprint of the certificate, by which the receiver finds the key. @throws outbound.keyUnfit */
export async function makeJwt(claims: Readonly<Record<string, unknown>>, pair: LentKey): Promise<string> {
  const { makeJwtAssertion } = await import('../assertions/index.ts')
  return makeJwtAssertion(claims, { privateKey: pair.key, kid: pair.id }, algorithmOf(pair))
}

/** Signed XML. @throws outbound.keyUnfit */
export async function makeSaml(draft: SamlDraft, pair: LentKey): Promise<string> {
  const { makeSamlAssertion } = await import('../assertions/index.ts')
  const signer = { privateKey: pair.key, certificates: certificatesIn(pair.chain) }
  return makeSamlAssertion(draft, signer, algorithmOf(pair))
}

const certificatesIn = (chain: string): readonly string[] =>
  chain.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []

/** The common name of the certificate: the user of a technical log-on by key pair. @throws outbound.keyUnfit */
export function commonNameOf({ alias, chain }: LentKey): string {
  const names = new X509Certificate(chain).subject.split('\n').filter((line) => line.startsWith('CN='))
  const [name] = names.length === 1 ? names : []
  if (name === undefined) throw faults.keyUnfit({ alias, why: 'its certificate has not exactly one common name' })
  return unescaped(name.slice('CN='.length))
}

const unescaped = (value: string): string =>
  value.replace(/\\([0-9A-Fa-f]{2}|.)/g, (_, escaped: string) =>
    escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped,
  )
