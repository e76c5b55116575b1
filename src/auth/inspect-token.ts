import type { AuthenticatedClient } from './authenticate-client.ts'
import type { CodeFlow } from './code-flow.ts'
import type { Form } from './read-form.ts'
import type { Revocations } from './revocations.ts'
import { isFailure, type RunningTokenVerifier } from './token-verifier.ts'

interface Parts {
  readonly verifier: RunningTokenVerifier
  readonly revocations: Pick<Revocations, 'revoke'>
  readonly codeFlow: CodeFlow
}

const looksLikeJwt = (token: string): boolean => token.includes('.')
const inactive = { active: false } as const

/** RFC 7662: what a token says, if it counts now. A refresh token is shown to its own client alone. */
export async function introspect(
  { form, client }: { readonly form: Form; readonly client: AuthenticatedClient },
  { verifier, codeFlow }: Parts,
): Promise<Readonly<Record<string, unknown>>> {
  const token = form.need('token')
  if (!looksLikeJwt(token)) {
    const found = await codeFlow.findRefreshToken(token, client)
    return found === undefined
      ? inactive
      : { active: true, client_id: client.clientId, username: found.user, exp: found.exp, token_type: 'refresh_token' }
  }
  const claims = verifier.read(token)
  if (isFailure(claims)) return inactive
  // Whether the certificate is the bound one, the resource server sees; it is told which one it has to be.
  const { cnf, ...unbound } = claims
  const owner = verifier.ownerOf(unbound, undefined)
  if (isFailure(owner)) return inactive
  return {
    active: true,
    ...claims,
    scope: [...owner.roles].join(' '),
    token_type: 'bearer',
    ...(claims.user_name !== undefined && { username: claims.user_name }),
    ...(cnf !== undefined && { cnf }),
  }
}

/** RFC 7009: the token counts no more. A token of another client, or what is none, stays as it is, and nobody is told. */
export async function revoke(
  { form, client }: { readonly form: Form; readonly client: AuthenticatedClient },
  { verifier, revocations, codeFlow }: Parts,
): Promise<void> {
  const token = form.need('token')
  if (!looksLikeJwt(token)) {
    await codeFlow.revokeRefreshToken(token, client)
    return
  }
  const claims = verifier.read(token)
  if (!isFailure(claims) && claims.ext_attr.serviceinstanceid === client.instance.id)
    await revocations.revoke(claims.jti, claims.exp * 1000)
}
