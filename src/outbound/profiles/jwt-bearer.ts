import { randomUUID } from 'node:crypto'

import type { LentKey, OAuthCredential, Run } from '../../flow/index.ts'
import { bearerProof } from '../bearer.ts'
import { keyOf } from '../client-authentication.ts'
import type { Profile } from '../contracts.ts'
import { makeJwt } from '../signed-assertions.ts'
import { tokenRequest } from '../token-parameters.ts'
import type { Parameters } from '../token-service.ts'
import { compileUser } from '../user.ts'
import { compileCredential, wordsOf } from './oauth-credential.ts'

const type = 'OAuth2ClientCredential'
/** Milliseconds for which an assertion holds: the token service reads it at once. */
const lasts = 180_000

/** Both grants show the token service a JWT that says who the user is; only the parameters differ. */
const forUser = (method: string, grantType: string, grantOf: (assertion: string) => Parameters): Profile => ({
  method,
  headers: ['authorization'],
  credential: { types: [type], words: wordsOf[type] },
  compile({ credentialName, user: expression }) {
    const credentialOf = compileCredential(method, type, credentialName)
    const userOf = compileUser(method, expression)
    return async (call) => {
      const credential = await credentialOf(call)
      const { name } = await userOf(call, credential.alias)
      const pair = await keyOf(credential, call.run)
      return bearerProof(call, credential, {
        key: [grantType, name, pair.id],
        identity: JSON.stringify([credential.alias, name]),
        request: async () =>
          tokenRequest(credential, call.run, grantType, grantOf(await assertionFor(name, credential, pair, call.run))),
      })
    }
  },
})

function assertionFor(user: string, { shown }: OAuthCredential, pair: LentKey, { clock }: Run): Promise<string> {
  const now = clock.now()
  const claims = {
    iss: shown['clientId'] ?? '',
    sub: user,
    aud: shown['audience'] || shown['tokenServiceUrl'] || '',
    jti: randomUUID(),
    iat: Math.floor(now / 1_000),
    exp: Math.floor((now + lasts) / 1_000),
  }
  return makeJwt(claims, pair)
}

/** JWT bearer (RFC 7523, 2.1), as Salesforce wants it: issuer is the client, subject the user. */
export const jwtBearer = forUser('OAuth2 JWT Bearer', 'urn:ietf:params:oauth:grant-type:jwt-bearer', (assertion) => ({
  assertion,
}))

/** Token exchange (RFC 8693): what stands for the user is exchanged for a token of the receiver. */
export const tokenExchange = forUser(
  'OAuth2 Token Exchange',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  (assertion) => ({
    subject_token: assertion,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }),
)
