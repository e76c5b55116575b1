import type { ServerAddresses } from './addresses.ts'
import { grantTypes } from './token-endpoint.ts'

const clientMethods = [
  'client_secret_basic',
  'client_secret_post',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'private_key_jwt',
]
const assertionAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']

/** The metadata of the server (RFC 8414), with what libraries of OpenID Connect insist on. */
export function metadataOf(addresses: ServerAddresses): Readonly<Record<string, unknown>> {
  const { issuer, tokenEndpoints, authorization, introspection, revocation, jwks } = addresses
  const authenticated = (endpoint: string) => ({
    [`${endpoint}_endpoint_auth_methods_supported`]: clientMethods,
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: assertionAlgorithms,
  })
  return {
    issuer,
    authorization_endpoint: authorization,
    token_endpoint: tokenEndpoints[0],
    jwks_uri: jwks,
    introspection_endpoint: introspection,
    revocation_endpoint: revocation,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: grantTypes,
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    ...authenticated('token'),
    ...authenticated('introspection'),
    ...authenticated('revocation'),
    tls_client_certificate_bound_access_tokens: true,
    authorization_response_iss_parameter_supported: true,
  }
}
