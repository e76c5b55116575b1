import { type RefusalCode, type Refused, refused } from '../inbound/index.ts'

/** The error codes of RFC 6749, 8693 and 7009, by our codes; the rest is `invalid_request`. */
const errors: Partial<Readonly<Record<RefusalCode, string>>> = {
  'oauth.clientMissing': 'invalid_client',
  'oauth.clientUnknown': 'invalid_client',
  'oauth.clientCertificate': 'invalid_client',
  'oauth.clientContradictory': 'invalid_client',
  'oauth.clientAssertion': 'invalid_client',
  'oauth.methodOfPolicy': 'invalid_client',
  'policy.certificateNeeded': 'invalid_client',
  'network.addressForbidden': 'access_denied',
  'oauth.grantUnsupported': 'unsupported_grant_type',
  'oauth.grantForbidden': 'unauthorized_client',
  'oauth.scope': 'invalid_scope',
  'oauth.assertion': 'invalid_grant',
  'oauth.password': 'invalid_grant',
  'oauth.userLocked': 'invalid_grant',
  'oauth.grantInvalid': 'invalid_grant',
  'oauth.target': 'invalid_target',
  'oauth.guessing': 'temporarily_unavailable',
  'oauth.uncheckable': 'temporarily_unavailable',
}

/** Why a request ends without a token. The caller gets `error` and a reference, the administrator the rest. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal'
  readonly refused: Refused
  readonly error: string

  constructor(refusal: Refused, error = errors[refusal.code as RefusalCode] ?? 'invalid_request') {
    super(refusal.code)
    this.refused = refusal
    this.error = error
  }
}

/** A refusal out of the table in src/inbound, to be thrown. */
export const refusal = <const Code extends RefusalCode>(
  code: Code,
  ...details: Parameters<typeof refused<Code>> extends [Code, ...infer Rest] ? Rest : never
): OAuthRefusal => {
  const made = (refused as (code: RefusalCode, ...rest: readonly unknown[]) => Refused)(code, ...details)
  // A challenge belongs to what was tried: Basic (RFC 6749, 5.2). A certificate or an assertion has none.
  return new OAuthRefusal(made)
}

/** A refusal that tells after how many milliseconds the next try counts. */
export function guessing(wait: number): OAuthRefusal {
  const seconds = Math.max(1, Math.ceil(wait / 1000))
  const made = refused('oauth.guessing', { seconds })
  return new OAuthRefusal({ ...made, headers: [['Retry-After', String(seconds)]] })
}
