import { refusal } from './oauth-refusal.ts'
import type { AuthenticatedClient } from './authenticate-client.ts'
import type { CodeFlow } from './code-flow.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import type { Grant, GrantParts, GrantRequest } from './grants/contracts.ts'
import { jwtBearer, jwtBearerType } from './grants/jwt-bearer.ts'
import { passwordGrant } from './grants/password.ts'
import { samlBearer, samlBearerType } from './grants/saml-bearer.ts'
import { tokenExchange, tokenExchangeType } from './grants/token-exchange.ts'
import type { Granted } from './issue-token.ts'

/** Every grant type that an instance can list. */
export const grantTypes = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'password',
  samlBearerType,
  jwtBearerType,
  tokenExchangeType,
] as const

type GrantType = (typeof grantTypes)[number]

/** Decides what a request is granted. @throws OAuthRefusal */
export function createGrants(parts: GrantParts & { readonly codeFlow: CodeFlow }) {
  const { codeFlow } = parts
  const grants: Readonly<Record<GrantType, Grant>> = {
    client_credentials: clientCredentials,
    authorization_code: (request) => codeFlow.grant(request, 'authorization_code'),
    refresh_token: (request) => codeFlow.grant(request, 'refresh_token'),
    password: passwordGrant(parts),
    [samlBearerType]: samlBearer(parts),
    [jwtBearerType]: jwtBearer(parts),
    [tokenExchangeType]: tokenExchange(parts),
  }
  return (request: GrantRequest): Granted | Promise<Granted> => {
    const type = request.form.need('grant_type')
    const grant = Object.hasOwn(grants, type) ? grants[type as GrantType] : undefined
    if (grant === undefined) throw refusal('oauth.grantUnsupported', { found: shown(type) })
    checkListed(request.client, type)
    return grant(request)
  }
}

function checkListed({ instance: { name, grantTypes: listed } }: AuthenticatedClient, grant: string): void {
  if (!listed.includes(grant))
    throw refusal('oauth.grantForbidden', { grant, instance: name, allowed: listed.join(', ') })
}

const shown = (type: string): string => (/^[\w:.-]{1,100}$/.test(type) ? type : 'that is none')
