import type { Clock } from '../base/index.ts'
import type { VariableService } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { VariableStore } from './ports.ts'

const day = 24 * 3_600_000

// The original keeps a variable for 400 days after it was last written.
const retention = 400 * day

/** A sealed value that is moved to another name or flow opens no more. Also for those who show a stored variable. */
export const variableContext = (name: string, flowId: string): string => JSON.stringify(['variable', flowId, name])

/** Variables of a tenant, sealed at rest. One that is past its retention is gone, even before it is deleted. */
export function createVariables(given: {
  readonly store: VariableStore
  readonly sealer: Sealer
  readonly clock: Clock
}): VariableService {
  const { store, sealer, clock } = given
  const owner = (scope: 'local' | 'global', flowId: string): string => (scope === 'global' ? '' : flowId)

  return {
    read: async (name, scope, flowId) => {
      const stored = await store.find(name, owner(scope, flowId))
      if (stored === undefined || stored.retainUntil <= clock.now()) return undefined
      return sealer.open(stored.sealed, variableContext(name, stored.flowId)).toString()
    },
    write: async (name, scope, flowId, value) => {
      const now = clock.now()
      const holder = owner(scope, flowId)
      await store.put({
        name,
        flowId: holder,
        sealed: sealer.seal(Buffer.from(value), variableContext(name, holder)),
        updatedAt: now,
        retainUntil: now + retention,
      })
    },
  }
}
