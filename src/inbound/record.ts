import { type Clock, referenceId } from '../base/index.ts'
import type { Refusal } from '../monitor/index.ts'
import type { Presented } from './connection.ts'
import type { Refused } from './refusals.ts'

/** Where a refusal happened. */
export interface Scene {
  readonly remoteAddress: string
  readonly presented: Presented | undefined
  /** Empty where the request did not get that far. */
  readonly method: string
  /** Path without query, which may hold secrets. */
  readonly path: string
}

/** The scene of a call or connection, without what it remembers of credentials. */
export const sceneOf = (
  { remoteAddress, presented }: Pick<Scene, 'remoteAddress' | 'presented'>,
  method: string,
  path: string,
): Scene => ({
  remoteAddress,
  presented,
  method,
  path,
})

/** Keeps a refusal for the administrator and gives the reference for the caller. */
export type RecordRefusal = (refused: Refused, scene: Scene) => string

/** Hands each refusal on as a record; that must not wait, and what goes wrong with it does not reach the caller. */
export function createRecorder(given: {
  readonly clock: Clock
  readonly refuse: (refusal: Refusal) => void
}): RecordRefusal {
  const { clock, refuse } = given
  return ({ stage, code, status, reason, remedy }, { remoteAddress, presented, method, path }) => {
    const reference = referenceId()
    refuse({
      reference,
      time: clock.now(),
      remoteAddress,
      certificate: presented && {
        fingerprint: presented.fingerprint,
        subject: presented.subject,
        issuer: presented.issuer,
        validTo: new Date(presented.validTo).toISOString(),
      },
      method,
      endpoint: path.slice(0, 1000),
      stage,
      code,
      reason,
      remedy,
      status,
    })
    return reference
  }
}
