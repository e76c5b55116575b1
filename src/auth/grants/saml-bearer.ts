import { assertedUser, audienceFor } from './asserted-user.ts'
import type { Grant, GrantParts } from './contracts.ts'

export const samlBearerType = 'urn:ietf:params:oauth:grant-type:saml2-bearer'

/** RFC 7522: the token is that of the user whom a SAML 2.0 assertion names. */
export const samlBearer =
  ({ assertions, identity, addresses }: Pick<GrantParts, 'assertions' | 'identity' | 'addresses'>): Grant =>
  async ({ client, form }) => {
    const read = await assertions.saml(form.need('assertion'), audienceFor(client, addresses()))
    return { client, grantType: samlBearerType, user: assertedUser(read, identity), scope: form.get('scope') }
  }
