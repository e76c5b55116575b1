import type { Identified } from '../identity/index.ts'
import type { Failure } from './refusals.ts'

/** Why a token is not accepted; for the administrator. The caller learns only that it is not. */
export type TokenFailure = Failure

/** Whose a token is, and how long that counts. */
export interface TokenOwner extends Identified {
  readonly until: number
}

/**
 * Checks bearer tokens (RFC 6750): signature, issuer, audience, time, and that client and user still exist. A token that
 * is bound to a certificate (RFC 8705) counts only with that one.
 */
export interface TokenVerifier {
  /** Grows when a token that was right may not be any more: keys were changed, tokens revoked. */
  readonly revision: number
  readonly verify: (
    token: string,
    presented: { readonly fingerprint: string } | undefined,
  ) => TokenOwner | TokenFailure | Promise<TokenOwner | TokenFailure>
}
