import { subtle } from 'node:crypto'

import type { Adapter, Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider'

import type { Identity } from '../identity/index.ts'
import type { ServerAddresses } from './addresses.ts'
import type { Clients } from './clients.ts'

/** Stands for everything that a user may do, where a client asks for nothing by name. */
export const everything = '*'
/** Seconds. */
const lives = { code: 60, refreshToken: 14 * 86_400, session: 3600, interaction: 900, grant: 14 * 86_400 } as const

/** Every role that somebody has: what of it a token gets is decided when it is issued. */
function allRoles({ users, groups, instances }: Identity): string {
  const roles = [...users.list(), ...groups.list(), ...instances.list()].flatMap((each) => each.roles)
  return [...new Set([...roles, everything])].join(' ')
}

/** The client of `oidc-provider` for a client id, as the registry has it now. */
export function codeFlowClient(clients: Clients, clientId: string) {
  const instance = clients.keysOf(clientId)[0]?.instance
  if (instance === undefined || !instance.grantTypes.includes('authorization_code')) return undefined
  if (instance.redirectUris.length === 0) return undefined
  return {
    client_id: clientId,
    client_name: instance.name,
    redirect_uris: [...instance.redirectUris],
    grant_types: ['authorization_code', 'refresh_token'].filter((grant) => instance.grantTypes.includes(grant)),
    response_types: ['code'],
    // The endpoint has authenticated the client before it hands a request on.
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'ES256',
  }
}

/** `oidc-provider`, set up for codes and refresh tokens alone. Loaded when it is first needed: it is large. */
export async function createCodeFlowProvider(given: {
  readonly identity: Identity
  readonly addresses: ServerAddresses
  readonly audience: string
  readonly adapter: (kind: string) => Adapter
  readonly cookieKey: string
  readonly pathOfInteraction: (uid: string) => string
  readonly renderError: (ctx: KoaContextWithOIDC, error: string) => void
}): Promise<Provider> {
  const { identity, addresses, audience, adapter, cookieKey, pathOfInteraction, renderError } = given
  const library = await import('oidc-provider')
  const cookie = { httpOnly: true, sameSite: 'lax', secure: true, signed: true, overwrite: true } as const
  const configuration: Configuration = {
    adapter,
    clientAuthMethods: ['none'],
    claims: {},
    scopes: [],
    responseTypes: ['code'],
    cookies: {
      keys: [cookieKey],
      long: cookie,
      short: cookie,
      names: { session: 'sluice_session', interaction: 'sluice_logon', resume: 'sluice_resume' },
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: allRoles(identity), audience, accessTokenFormat: 'opaque' }),
      },
    },
    findAccount: (_, name) => {
      const user = identity.user(name)?.user
      if (user === undefined || user.locked) return undefined
      return { accountId: user.name, claims: () => ({ sub: user.name }) }
    },
    interactions: { url: (_, { uid }) => pathOfInteraction(uid) },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    // Without OpenID Connect nothing is signed with it; the library wants one.
    jwks: { keys: [await unusedKey()] },
    pkce: { required: () => true },
    renderError: (ctx, out) => renderError(ctx, out.error),
    routes: { authorization: '/oauth/authorize', token: '/oauth/token', jwks: '/oauth/keys' },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: lives.code,
      Grant: lives.grant,
      IdToken: 3600,
      Interaction: lives.interaction,
      RefreshToken: lives.refreshToken,
      Session: lives.session,
    },
  }
  return new library.Provider(addresses.issuer, configuration)
}

async function unusedKey() {
  const { privateKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
  const { kty, crv, x, y, d } = await subtle.exportKey('jwk', privateKey)
  return { kty: kty ?? 'EC', crv: crv ?? '', x: x ?? '', y: y ?? '', d: d ?? '', alg: 'ES256', use: 'sig' as const }
}
