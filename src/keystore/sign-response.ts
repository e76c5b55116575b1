import type { KeyObject, X509Certificate } from 'node:crypto'

import { fingerprintOf } from './certificates.ts'
import { chainFrom, leafOf } from './chains.ts'
import { faults } from './faults.ts'

/**
 * The chain of a key after the answer of a CA: its newest certificate in the answer with the issuers above it, from the
 * answer or known before. An answer of issuers alone extends the chain that is there.
 * @throws keystore.responseMismatch
 */
export function answeredChain(given: {
  readonly alias: string
  readonly key: KeyObject
  readonly answer: readonly X509Certificate[]
  readonly present: readonly X509Certificate[]
  /** Of other entries. */
  readonly known: readonly X509Certificate[]
}): readonly X509Certificate[] {
  const { alias, key, answer, present, known } = given
  const others = [...answer, ...present, ...known]
  const leaf = leafOf(key, answer)
  if (leaf !== undefined) return chainFrom(leaf, others)
  const [old] = present
  const extended = old === undefined ? [] : chainFrom(old, [...answer, ...present])
  // A certificate that has no place in the chain is that of somebody else.
  const fitting = new Set(extended.map(fingerprintOf))
  if (!answer.every((each) => fitting.has(fingerprintOf(each)))) throw faults.responseMismatch({ alias })
  return extended
}
