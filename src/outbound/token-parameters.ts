import type { OAuthCredential, Run } from '../flow/index.ts'
import { clientProof } from './client-authentication.ts'
import type { Parameters, TokenRequest } from './token-service.ts'

interface CustomParameter {
  readonly key: string
  readonly value: string
  readonly sendAsPartOf: 'body' | 'header' | 'url'
}

/**
 * The request of an OAuth2 Client Credentials material for a grant: what the material says of scope, resource, audience
 * and further parameters, and what proves who the client is.
 * @throws outbound.keyMissing, outbound.keyUnfit
 */
export async function tokenRequest(
  credential: OAuthCredential,
  run: Run,
  grantType: string,
  grant: Parameters = {},
): Promise<TokenRequest> {
  const { shown } = credential
  const custom = JSON.parse(shown['customParameters'] || '[]') as readonly CustomParameter[]
  const of = (place: CustomParameter['sendAsPartOf']): Parameters =>
    Object.fromEntries(
      custom.filter(({ sendAsPartOf }) => sendAsPartOf === place).map(({ key, value }) => [key, value]),
    )
  const proof = await clientProof(credential, run)
  // Where grant_type stands can be said for this grant only: the others are ours.
  const inUrl = grantType === 'client_credentials' && shown['grantType'] === 'url'
  const type = { grant_type: grantType }
  const headers = Object.entries(of('header')).map(([name, value]) => [name.toLowerCase(), value] as const)
  return {
    credential,
    form: shown['contentType'] === 'json' ? 'json' : 'urlencoded',
    inUrl: { ...of('url'), ...(inUrl && type) },
    inBody: {
      ...of('body'),
      ...given(shown, ['scope', 'resource', 'audience']),
      ...(!inUrl && type),
      ...grant,
      ...proof.inBody,
    },
    headers: { ...Object.fromEntries(headers), ...proof.headers },
    keyPair: proof.keyPair,
  }
}

/** The fields that are not empty. */
export const given = (shown: Parameters, names: readonly string[]): Parameters =>
  Object.fromEntries(names.map((name) => [name, (shown[name] ?? '').trim()]).filter(([, value]) => value !== ''))
