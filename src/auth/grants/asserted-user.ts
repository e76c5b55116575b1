import type { Asserted, AssertionFailure, Audience } from '../../assertions/index.ts'
import type { Identity } from '../../identity/index.ts'
import type { ServerAddresses } from '../addresses.ts'
import type { AuthenticatedClient } from '../authenticate-client.ts'
import type { TokenUser } from '../issue-token.ts'
import { refusal } from '../oauth-refusal.ts'

/** For whom an assertion has to be, and who brings it. */
export const audienceFor = ({ clientId, instance }: AuthenticatedClient, addresses: ServerAddresses): Audience => ({
  audiences: [addresses.issuer, ...addresses.tokenEndpoints, new URL(addresses.issuer).origin],
  recipients: addresses.tokenEndpoints,
  client: [clientId, instance.id],
})

/** The user that an assertion names. @throws oauth.assertion, oauth.userLocked */
export function assertedUser(
  read: Asserted | AssertionFailure,
  identity: Pick<Identity, 'user' | 'identityProviderOf'>,
): TokenUser {
  if ('failed' in read) {
    const { check, message, expected, found } = read
    throw refusal('oauth.assertion', { check, message: message.replace(/\.$/, ''), expected, found })
  }
  const { user: name, attributes, groups, issuer, actors } = read
  if (identity.user(name)?.user.locked === true) throw refusal('oauth.userLocked', { user: name })
  const provider = { issuer, name: identity.identityProviderOf(issuer)?.name ?? issuer }
  return { name, attributes, groups, provider, actors }
}
