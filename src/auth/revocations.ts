import type { Clock } from '../base/index.ts'
import type { RevokedTokenStore } from './ports.ts'

/** Tokens that were revoked, in memory in step with their store. */
export interface Revocations {
  /** Grows with each revocation. */
  readonly revision: number
  readonly reload: () => Promise<void>
  readonly has: (id: string) => boolean
  /** Written down, and known here, when this resolves. `expires`: when the token ends anyway, milliseconds since 1970. */
  readonly revoke: (id: string, expires: number) => Promise<void>
}

/** How tokens of one grant are revoked together. */
export const grantRevocation = (grantId: string): string => `grant ${grantId}`

export async function createRevocations(given: {
  readonly store: RevokedTokenStore
  readonly clock: Clock
}): Promise<Revocations> {
  const { store, clock } = given
  const revoked = new Map<string, number>()
  let position = 0
  let revision = 1
  let last: Promise<unknown> = Promise.resolve()

  async function takeOver(): Promise<void> {
    const loaded = await store.load(position)
    position = loaded.position
    for (const { id, expires } of loaded.tokens) revoked.set(id, expires)
    if (loaded.tokens.length > 0) revision++
    const now = clock.now()
    for (const [id, expires] of revoked) if (expires <= now) revoked.delete(id)
  }

  /** Loads take turns: one that began earlier must not set the position back. */
  function reload(): Promise<void> {
    const turn = last.then(takeOver)
    last = turn.catch(() => undefined)
    return turn
  }

  await reload()
  return {
    get revision() {
      return revision
    },
    reload,
    has: (id) => revoked.has(id),
    async revoke(id, expires) {
      await store.revoke({ id, expires })
      await reload()
    },
  }
}
