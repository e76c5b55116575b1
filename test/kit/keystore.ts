/** What a keystore is tested with: a CA and two key pairs of it for all tests of a file, and a new keystore for each. */
import { randomBytes } from 'node:crypto'

import { type Clock, systemClock } from '../../src/base/index.ts'
import { type BuiltInCa, createBuiltInCa, type Issued, openBuiltInCa } from '../../src/keystore/built-in-ca.ts'
import type { Keystore } from '../../src/keystore/contracts.ts'
import { createKeystore } from '../../src/keystore/create-keystore.ts'
import { createSealer } from '../../src/keystore/seal.ts'
import { inMemoryRegistry } from './registry-store.ts'

export const tenant = { owner: 'tenant', user: 'ada' } as const
export const system = { owner: 'system', user: 'sluice' } as const
export const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })

export async function newPairs(): Promise<{ readonly ca: BuiltInCa; readonly pair: Issued; readonly other: Issued }> {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  return {
    ca,
    pair: await ca.issueClient({ commonName: 'one', days: 1, keySize: 2048 }),
    other: await ca.issueServer({ hostNames: [] }),
  }
}

export interface KeystoreWorld {
  readonly store: ReturnType<typeof inMemoryRegistry>
  /** Milliseconds since 1970; may be set. */
  now: number
  readonly clock: Clock
  /** By alias, who uses it. */
  used: Readonly<Record<string, readonly string[]>>
  readonly audited: { action: string; objectType: string; objectId: string; user?: string }[]
  /** Opens what is stored. */
  readonly open: (more?: { exportPrivateKeys?: boolean; limits?: { keystore: number } }) => Promise<Keystore>
  /** The records as JSON. */
  readonly stored: () => string
}

/** A store without entries, at the present time. */
export function newKeystoreWorld(): KeystoreWorld {
  const store = inMemoryRegistry()
  const clock = { now: () => world.now, monotonic: () => world.now }
  const world: KeystoreWorld = {
    store,
    now: Date.now(),
    clock,
    used: {},
    audited: [],
    open: (more) =>
      createKeystore({
        store,
        sealer,
        clock,
        whereUsed: async (_, alias) => world.used[alias] ?? [],
        audit: { record: async (draft) => void world.audited.push(draft) },
        ...more,
      }),
    stored: () => JSON.stringify(store.records()),
  }
  return world
}

export const aliasesOf = async (keystore: Keystore, name?: Parameters<Keystore['list']>[0]) =>
  (await keystore.list(name)).map(({ alias }) => alias)

/** The code of the fault that the work ends with, without its room; `none` where it does not fail. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code.replace('keystore.', ''),
  )
