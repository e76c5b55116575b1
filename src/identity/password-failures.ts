import type { Clock } from '../base/index.ts'
import type { Identity } from './contracts.ts'
import { authored, comparable } from './names.ts'
import type { Registry } from './registry.ts'
import { policyOf } from './tenant-policy.ts'

/** Counts wrong passwords in a row, in this process; the lock is written down for all. */
export function createPasswordFailures(given: {
  readonly registry: Registry
  readonly clock: Clock
}): Pick<Identity, 'passwordFailed' | 'passwordSucceeded'> {
  const { registry, clock } = given
  const counts = new Map<string, number>()
  return {
    async passwordFailed(name) {
      const id = comparable(name)
      const view = registry.view()
      const { lockAfter } = policyOf(view)
      // Only users are counted: names that nobody has would fill the memory.
      if (lockAfter === 0 || view.of('user').get(id)?.locked !== false) return
      const count = (counts.get(id) ?? 0) + 1
      if (count < lockAfter) {
        counts.set(id, count)
        return
      }
      counts.delete(id)
      await registry.change((draft) => {
        const user = draft.of('user').get(id)
        if (user === undefined || user.locked) return
        draft.put('user', { ...user, locked: true, ...authored('Sluice', clock.now(), user) })
      })
    },
    passwordSucceeded: (name) => void counts.delete(comparable(name)),
  }
}
