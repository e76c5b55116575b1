import { randomBytes } from 'node:crypto'

import type { RecordStore } from '../records/contracts.ts'
import type { Sealer } from './ports.ts'
import { keyBytes } from './seal.ts'
import { recordContext } from './sealed-records.ts'

const kind = 'standingKey'

/**
 * A key for one purpose that stays when the key of the tenant is replaced, for what has to be checked years later, such
 * as the audit log: drawn once and sealed as any secret. 32 bytes. A key that a process may lose is derived instead.
 * @throws keystore.sealBroken
 */
export async function standingKey(given: {
  readonly store: RecordStore
  readonly sealer: Sealer
  readonly purpose: string
}): Promise<Buffer> {
  const { store, sealer, purpose } = given
  const context = recordContext('keystore', kind, purpose)
  for (;;) {
    const { revision, records } = await store.load(0)
    const found = records.find((record) => record.kind === kind && record.id === purpose)
    if (found?.document !== undefined) {
      const { sealed } = JSON.parse(found.document) as { readonly sealed: string }
      return sealer.open(sealed, context)
    }
    const key = randomBytes(keyBytes)
    const document = JSON.stringify({ purpose, sealed: sealer.seal(key, context), owner: 'system' })
    if (await store.write(revision, [{ kind, id: purpose, document }])) return key
  }
}
