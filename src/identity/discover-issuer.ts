import { faults } from './faults.ts'
import { type IssuerClient, shownAddress } from './issuer-client.ts'
import { signatureAlgorithms, usableKeys } from './json-web-keys.ts'
import type { IdentityProvider } from './records.ts'

/** What an OpenID Connect issuer publishes of itself, as far as it takes that to trust its tokens. */
export type DiscoveredIssuer = Pick<IdentityProvider, 'issuer' | 'jwks' | 'algorithms'> & {
  readonly jwksUri: string
  readonly loopback: boolean
}

/**
 * Reads `/.well-known/openid-configuration` of an issuer (OpenID Connect Discovery 1.0, 4) and its keys.
 * @throws identity.issuerRefused, issuerUnreachable, issuerAnswerInvalid
 */
export async function discoverIssuer(
  read: IssuerClient,
  issuer: string,
  { loopback = false }: { readonly loopback?: boolean | undefined } = {},
): Promise<DiscoveredIssuer> {
  const url = URL.parse(issuer)
  if (url === null || url.search !== '' || url.hash !== '')
    throw faults.issuerRefused({ address: shownAddress(issuer), why: 'it is no address, or has a query or a fragment' })
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const found = asObject(await read(address, { loopback }))
  const invalid = (why: string) => faults.issuerAnswerInvalid({ address: shownAddress(address), why })
  if (found?.['issuer'] !== issuer)
    throw invalid(`it is the issuer ${JSON.stringify(found?.['issuer'] ?? null).slice(0, 300)}, compared exactly`)
  const jwksUri = found['jwks_uri']
  if (typeof jwksUri !== 'string') throw invalid('it names no jwks_uri')
  const offered = found['id_token_signing_alg_values_supported']
  const algorithms = Array.isArray(offered) ? signatureAlgorithms.filter((name) => offered.includes(name)) : []
  return {
    issuer,
    jwksUri,
    loopback,
    jwks: await readIssuerKeys(read, jwksUri, { loopback }),
    algorithms: algorithms.length > 0 ? algorithms : signatureAlgorithms,
  }
}

/**
 * The keys behind `jwks_uri` that can verify here.
 * @throws identity.issuerRefused, issuerUnreachable, issuerAnswerInvalid
 */
export async function readIssuerKeys(
  read: IssuerClient,
  jwksUri: string,
  { loopback }: { readonly loopback: boolean },
): Promise<IdentityProvider['jwks']> {
  const published = asObject(await read(jwksUri, { loopback }))?.['keys']
  const keys = Array.isArray(published) ? usableKeys(published) : []
  if (keys.length === 0)
    throw faults.issuerAnswerInvalid({
      address: shownAddress(jwksUri),
      why: 'it has no public signing key of an accepted kind',
    })
  return keys
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
