import { silentLog } from '../base/index.ts'
import type { AccessTokenService, OutboundService } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import { openAuthentication } from '../outbound/index.ts'
import type { Secrets } from '../secrets/index.ts'

const settings = { keyAlias: '', user: '', subjectPattern: '', certificateCarrier: 'tls' } as const
const bearer = 'Bearer '

/**
 * Access tokens for scripts: those that receivers are shown, out of the same memory. Who may have what is decided by
 * the runtime before it asks here.
 */
export function createScriptAccessTokens(given: {
  readonly secrets: Pick<Secrets, 'authorizationCodes'>
  readonly outbound: OutboundService
}): AccessTokenService {
  const { secrets, outbound } = given
  return {
    async token(grant, alias, run) {
      if (grant === 'authorizationCode') {
        const { token, user } = await secrets.authorizationCodes.accessToken(alias)
        return { accessToken: token, user }
      }
      // The grant was asked for by the script; another one to use the credential is not needed.
      // Whatever the profile makes of the name, it is lent the credential that was granted.
      const granted = { ...outbound, oauthCredential: () => outbound.oauthCredential(alias, run) }
      const services = { ...run.services, outbound: granted }
      const method = 'OAuth2 Client Credentials'
      const context = { flow: run.flow, channel: { id: '' }, services, log: silentLog }
      const { prove } = await openAuthentication({ ...settings, method, credentialName: alias }, context)
      const proof = await prove?.({ exchange: new Exchange(), run: { ...run, services }, origin: '' })
      const [, authorization = ''] = proof?.headers ?? []
      return { accessToken: authorization.slice(bearer.length), user: '' }
    },
  }
}
