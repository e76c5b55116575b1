import type { Sealer } from './ports.ts'
import type { SealedValue, SealedValues } from './sealed-values.ts'

/** A value that cannot be opened. */
export interface BrokenSeal {
  readonly store: string
  readonly kind: string
  readonly id: string
  readonly why: string
}

/** What opening everything once found. */
export interface SealReport {
  /** How many values opened. */
  readonly opened: number
  readonly broken: readonly BrokenSeal[]
}

/** Opens every sealed value once and forgets what it says; names those that do not open. */
export async function verifySeals(given: {
  readonly values: readonly SealedValues[]
  readonly sealer: Sealer
}): Promise<SealReport> {
  const { values, sealer } = given
  const broken: BrokenSeal[] = []
  let opened = 0
  for (const place of values) {
    for await (const page of place.pages('')) {
      for (const value of page) {
        const result = openValue(sealer, value)
        if (Buffer.isBuffer(result)) {
          result.fill(0)
          opened++
        } else broken.push(result)
      }
    }
  }
  return { opened, broken }
}

/** The opened value, or why it does not open. */
export function openValue(sealer: Sealer, { store, kind, id, context, sealed }: SealedValue): Buffer | BrokenSeal {
  if (context === undefined) return { store, kind, id, why: 'The record around it is no JSON.' }
  try {
    return sealer.open(sealed, context)
  } catch (thrown) {
    return { store, kind, id, why: (thrown as Error).message }
  }
}
