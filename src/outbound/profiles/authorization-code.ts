import { compileTemplate } from '../../languages/index.ts'
import { orCancelled } from '../bearer.ts'
import type { Profile } from '../contracts.ts'
import { faults } from '../faults.ts'
import { wordsOf } from './oauth-credential.ts'

const method = 'OAuth2 Authorization Code'
const type = 'OAuth2AuthorizationCode'

/** Access tokens by the refresh token that a person's consent left behind (RFC 6749, 6): the call is made for that person. */
export const authorizationCode: Profile = {
  method,
  headers: ['authorization'],
  credential: { types: [type], words: wordsOf[type] },
  compile({ credentialName }) {
    const aliasOf = compileTemplate(credentialName)
    /** By credential, what a receiver refused last. */
    const refused = new Map<string, string>()
    return async ({ exchange, run }) => {
      const alias = aliasOf.text(exchange, run).trim()
      if (alias === '') throw faults.aliasMissing({ method, what: wordsOf[type] })
      const { outbound } = run.services
      const token = await orCancelled(outbound.accessToken(alias, run, refused.get(alias)), run)
      refused.delete(alias)
      return {
        headers: ['Authorization', `Bearer ${token}`],
        keyPair: undefined,
        identity: alias,
        refused: () => {
          refused.set(alias, token)
          return true
        },
      }
    }
  },
}
