import { bearerProof } from '../bearer.ts'
import type { Profile } from '../contracts.ts'
import { tokenRequest } from '../token-parameters.ts'
import { compileCredential, wordsOf } from './oauth-credential.ts'

const method = 'OAuth2 Client Credentials'
const type = 'OAuth2ClientCredential'

/** OAuth 2 client credentials (RFC 6749, 4.4): the call is made for the client itself. */
export const clientCredentials: Profile = {
  method,
  headers: ['authorization'],
  credential: { types: [type], words: wordsOf[type] },
  compile({ credentialName }) {
    const credentialOf = compileCredential(method, type, credentialName)
    return async (call) => {
      const credential = await credentialOf(call)
      return bearerProof(call, credential, {
        key: ['client_credentials'],
        identity: credential.alias,
        request: () => tokenRequest(credential, call.run, 'client_credentials'),
      })
    }
  },
}
