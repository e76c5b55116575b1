import type { EntitySet, FunctionImport } from '../../odata/index.ts'
import { hiddenText, materialSet, shownText } from '../material-set.ts'
import { oauthRedirectPath } from '../oauth-redirect.ts'
import { roles } from '../roles.ts'
import type { Call, Services } from '../services.ts'

/** Clients that act for a person who agreed in a browser. */
export const oauth2AuthorizationCodes = (services: Services): EntitySet<Call> =>
  materialSet(services, {
    set: 'OAuth2AuthorizationCodes',
    entity: 'OAuth2AuthorizationCode',
    type: 'OAuth2AuthorizationCode',
    descriptor: 'OAUTH2_AUTHORIZATION_CODE',
    required: () => ['AuthUrl', 'TokenUrl', 'ClientId', 'ClientSecret'],
    properties: {
      Provider: shownText('provider'),
      AuthUrl: shownText('authorizationUrl', 2000),
      TokenUrl: shownText('tokenServiceUrl', 2000),
      RefreshTokenExpiry: shownText('refreshTokenExpiry'),
      ClientId: shownText('clientId', 1024),
      ClientSecret: hiddenText('clientSecret'),
      ClientAuthentication: shownText('sendAs'),
      UserName: shownText('userName', 200),
      Scope: shownText('scope', 4096),
    },
  })

/** Answers the address that a person opens to agree. */
export const authorizeOAuth2AuthorizationCode = ({ secrets, addresses }: Services): FunctionImport<Call> => ({
  name: 'AuthorizeOAuth2AuthorizationCode',
  method: 'POST',
  status: 200,
  requires: roles.editCredentials,
  parameters: ['Name'],
  run: async ({ Name = '' }, { caller }) => {
    await secrets.reload()
    const redirect = `${addresses.controlUrl}${oauthRedirectPath}`
    return { text: await secrets.authorizationCodes.authorizationUrl(Name, redirect, caller.name) }
  },
})
