import { trustFailures } from '../trust/index.ts'
import type { DeclaredRefusal, Stage } from './declared-refusal.ts'
import { declaredRefusals, refusedCertificate } from './refusals.ts'

/** A way to be refused, for a reader: details of the call are shown as ‹name›. */
export interface ListedRefusal {
  readonly code: string
  readonly stage: Stage
  readonly status: number
  readonly reason: string
  readonly remedy: string
}

/** Stands for any details: each has its own name as its value. */
const placeholders = new Proxy({}, { get: (_, name) => (typeof name === 'string' ? `‹${name}›` : undefined) }) as never

const listed = ([code, { stage, status, reason, remedy }]: [string, DeclaredRefusal]): ListedRefusal => ({
  code,
  stage,
  status,
  reason: reason(placeholders),
  remedy,
})

/** Every refusal there is, with what path validation and revocation say: the page "Why was I refused" is made of it. */
export const refusalTable: readonly ListedRefusal[] = [
  ...Object.entries<DeclaredRefusal>(declaredRefusals).map(listed),
  ...Object.entries(trustFailures).map(([code, { reason, remedy }]) => {
    const { headers: _, ...refusal } = refusedCertificate({ code, reason: reason(placeholders), remedy })
    return refusal
  }),
]
