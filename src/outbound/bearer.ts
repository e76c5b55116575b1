import type { OAuthCredential, Run } from '../flow/index.ts'
import type { Call, Proof } from './contracts.ts'
import { askForToken, type TokenRequest } from './token-service.ts'
import { type Token, tokensOf } from './token-cache.ts'

/** What is needed to get a token, and to find it again. */
export interface TokenWish {
  /** All that makes this token another one than others of the credential: grant, user, what is asserted. */
  readonly key: readonly unknown[]
  readonly identity: string
  readonly request: () => Promise<TokenRequest>
}

/** A bearer token as the proof of a call: held by credential, user and wish, dropped when the receiver refuses it. */
export async function bearerProof({ run }: Call, credential: OAuthCredential, wish: TokenWish): Promise<Proof> {
  const { outbound } = run.services
  const tokens = tokensOf(credential)
  const key = JSON.stringify(wish.key)
  const fetch = async (): Promise<Token> =>
    askForToken(await wish.request(), await outbound.trustedServers(), run.clock)
  const token = await orCancelled(tokens.get(key, fetch, run.clock), run)
  run.lent.add(token.secret)
  return {
    headers: ['Authorization', `Bearer ${token.value}`],
    keyPair: undefined,
    identity: wish.identity,
    refused: () => {
      tokens.drop(key, token)
      return true
    },
  }
}

/** Waits no longer than the message lives; what was asked for goes on for the others that wait. */
export async function orCancelled<Value>(waiting: Promise<Value>, { signal }: Run): Promise<Value> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const cancel = (): void => reject(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await Promise.race([waiting, promise])
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
