import { assertedUser, audienceFor } from './asserted-user.ts'
import type { Grant, GrantParts } from './contracts.ts'
import { isOfIssuer, ownToken } from './own-token.ts'

export const jwtBearerType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/**
 * RFC 7523: the token is that of the user whom a JWT names: one of an identity provider, or a user's access token of
 * this installation that another client has received, as libraries of the original do it.
 */
export const jwtBearer =
  (parts: Pick<GrantParts, 'assertions' | 'identity' | 'addresses' | 'verifier'>): Grant =>
  async ({ client, form, peer }) => {
    const { assertions, identity, addresses, verifier } = parts
    const assertion = form.need('assertion')
    const granted = { client, grantType: jwtBearerType, scope: form.get('scope') }
    if (isOfIssuer(assertion, addresses().issuer)) {
      const { claims, user } = ownToken({ parameter: 'assertion', token: assertion, peer }, verifier)
      const grantId = claims.ext_attr.grantid
      return { ...granted, user, within: claims.scope, until: claims.exp, ...(grantId !== undefined && { grantId }) }
    }
    const read = await assertions.jwt(assertion, audienceFor(client, addresses()))
    return { ...granted, user: assertedUser(read, identity) }
  }
