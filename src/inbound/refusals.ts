import { callRefusals } from './call-refusals.ts'
import { connectionRefusals } from './connection-refusals.ts'
import { credentialRefusals } from './credential-refusals.ts'
import type { DeclaredRefusal, Stage } from './declared-refusal.ts'
import { oauthRefusals } from './oauth-refusals.ts'
import { tokenRefusals } from './token-refusals.ts'

/** Why a call was refused. The caller sees only the status, its short word and the headers. */
export interface Refused {
  readonly stage: Stage
  readonly code: string
  readonly status: number
  readonly reason: string
  readonly remedy: string
  readonly headers: readonly (readonly [string, string])[]
}

/** A failure of something outside the table of refusals, such as path validation. */
export interface Failure {
  readonly code: string
  readonly reason: string
  readonly remedy: string
}

/** Goes with every 401 (RFC 9110, 15.5.2). */
const challenge = [['WWW-Authenticate', 'Basic realm="Sluice", charset="UTF-8"']] as const
/** Goes with a token that is not accepted (RFC 6750, 3). */
const tokenChallenge = [['WWW-Authenticate', 'Bearer realm="Sluice", error="invalid_token"']] as const

/** All refusals that the front door decides on itself, by code. */
export const declaredRefusals = {
  ...connectionRefusals,
  ...credentialRefusals,
  ...tokenRefusals,
  ...oauthRefusals,
  ...callRefusals,
} as const

export type RefusalCode = keyof typeof declaredRefusals
type Details<Code extends RefusalCode> = Parameters<(typeof declaredRefusals)[Code]['reason']>

/** A refusal out of the list of all there are. */
export function refused<const Code extends RefusalCode>(code: Code, ...details: Details<Code>): Refused {
  const declared: DeclaredRefusal = declaredRefusals[code]
  const { stage, status, reason, remedy, headers = status === 401 ? challenge : [] } = declared
  return { stage, code, status, remedy, headers, reason: reason(...(details as unknown as [never])) }
}

/** A refusal that tells when the next try makes sense. `wait` in milliseconds. */
export function refusedFor<const Code extends RefusalCode>(
  wait: number,
  code: Code,
  ...details: Details<Code>
): Refused {
  return { ...refused(code, ...details), headers: [['Retry-After', String(Math.max(1, Math.ceil(wait / 1000)))]] }
}

/** What path validation or revocation says against a certificate. */
export const refusedCertificate = ({ code, reason, remedy }: Failure): Refused => ({
  stage: 'certificate',
  code: `certificate.${code}`,
  status: 401,
  reason,
  remedy,
  headers: challenge,
})

/** What the verifier of tokens says against one. */
export const refusedToken = ({ code, reason, remedy }: Failure): Refused => ({
  stage: 'identity',
  code: `token.${code}`,
  status: 401,
  reason,
  remedy,
  headers: tokenChallenge,
})

/** Tells a refusal from what was proved. */
export const isRefused = (outcome: object): outcome is Refused => 'stage' in outcome

const words: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'timeout',
  413: 'too_large',
  417: 'expectation_failed',
  421: 'misdirected_request',
  429: 'too_many_requests',
  431: 'headers_too_large',
  503: 'unavailable',
}

/** All that the caller is told: one word for the status, and a reference for the administrator. */
export const answerText = (status: number, reference: string): string =>
  `${JSON.stringify({ error: words[status] ?? 'refused', reference })}\n`
