/** Where the authorization server answers. */
export interface ServerAddresses {
  readonly issuer: string
  /** What an assertion may name as its recipient: both addresses are one endpoint. */
  readonly tokenEndpoints: readonly string[]
  readonly authorization: string
  readonly introspection: string
  readonly revocation: string
  readonly jwks: string
}

/** @param base `https://host:port`, without a slash at its end */
export const addressesOf = (base: string): ServerAddresses => ({
  // As clients of the original know it: the issuer is the token endpoint.
  issuer: `${base}/oauth/token`,
  tokenEndpoints: [`${base}/oauth/token`, `${base}/oauth2/api/v1/token`],
  authorization: `${base}/oauth/authorize`,
  introspection: `${base}/oauth/introspect`,
  revocation: `${base}/oauth/revoke`,
  jwks: `${base}/token_keys`,
})
