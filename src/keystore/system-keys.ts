import { createPrivateKey } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { Draft, RecordsInMemory } from '../records/contracts.ts'
import type { BuiltInCa } from './built-in-ca.ts'
import type { KeystoreEntry } from './contracts.ts'
import type { EntryWriting } from './entry-writing.ts'
import { faults } from './faults.ts'
import { contextOf, type EntryRecord, type KeystoreRecords } from './keystore-records.ts'
import type { Sealer } from './ports.ts'

/** The key pair that flows show to other systems unless their channels name another. */
export const systemAlias = 'sap_cloudintegrationcertificate'

const day = 86_400_000
const validDays = 365
/** The successor is there so long before the end that partners can be told. */
const announced = 60 * day
const lastCall = day
const system = 'Sluice'

/** The life of the keys that the system provides: made, followed, replaced, kept in the history. */
export function createSystemKeys(given: {
  readonly records: RecordsInMemory<KeystoreRecords, undefined>
  readonly writing: EntryWriting
  readonly sealer: Sealer
  readonly clock: Clock
  readonly shown: (record: EntryRecord) => KeystoreEntry
  readonly note: (action: 'Create' | 'Change', entry: KeystoreEntry, user: string) => Promise<void>
}) {
  const { records, writing, sealer, clock, shown, note } = given
  const endOf = (record: EntryRecord): number => shown(record).validTo

  async function issue(ca: Pick<BuiltInCa, 'issueClient'>, kind: 'entry' | 'renewal'): Promise<EntryRecord> {
    const issued = await ca.issueClient({ commonName: systemAlias, days: validDays, keySize: 2048 })
    const der = createPrivateKey(issued.key).export({ format: 'der', type: 'pkcs8' })
    const sealedKey = sealer.seal(der, contextOf(kind, systemAlias))
    der.fill(0)
    const now = clock.now()
    const by = { createdBy: system, createdAt: now, modifiedBy: system, modifiedAt: now }
    return { alias: systemAlias, type: 'keypair', chain: issued.chain, sealedKey, owner: 'system', ...by }
  }

  /** Another process may have been faster: what it made stays. */
  async function provide(ca: Pick<BuiltInCa, 'issueClient'>, kind: 'entry' | 'renewal'): Promise<boolean> {
    const made = await issue(ca, kind)
    const put = await records.change((draft) => (draft.of(kind).has(systemAlias) ? undefined : draft.put(kind, made)))
    if (put === undefined) return false
    await note('Create', shown(put), system)
    return true
  }

  /** An alias of its own in the history, beginning with the one that the key had. */
  function historyAlias(draft: Draft<KeystoreRecords>, alias: string): string {
    const taken = draft.of('history')
    for (let count = 1; ; count++) if (!taken.has(`${alias}_${count}`)) return `${alias}_${count}`
  }

  async function activate(alias: string, user: string, due = (): boolean => true): Promise<KeystoreEntry | undefined> {
    const active = await records.change((draft) => {
      const next = draft.of('renewal').get(alias)
      if (next === undefined) throw faults.aliasUnknown({ alias })
      if (!due()) return undefined
      const present = draft.of('entry').get(alias)
      if (present !== undefined) {
        const place = { kind: 'history', alias: historyAlias(draft, alias), formerAlias: alias } as const
        draft.put('history', writing.moved(present, 'entry', place))
      }
      draft.drop('renewal', alias)
      const moved = writing.moved(next, 'renewal', { kind: 'entry', alias })
      return draft.put('entry', { ...moved, modifiedBy: user, modifiedAt: clock.now() })
    })
    if (active === undefined) return undefined
    await note('Change', shown(active), user)
    return shown(active)
  }

  return {
    async activate(alias: string, user: string): Promise<KeystoreEntry> {
      const active = await activate(alias, user)
      if (active === undefined) throw faults.aliasUnknown({ alias })
      return active
    },

    async takeFromHistory(alias: string, destination: string | undefined, user: string): Promise<KeystoreEntry> {
      const put = await records.change((draft) => {
        const old = draft.of('history').get(alias)
        if (old === undefined) throw faults.aliasUnknown({ alias })
        const target = destination ?? old.formerAlias ?? alias
        const present = draft.of('entry').get(target)
        if (!target.startsWith('sap_') || (present !== undefined && present.owner !== 'system'))
          throw faults.historyTarget({ alias: target })
        const moved = writing.moved(old, 'history', { kind: 'renewal', alias: target })
        return draft.put('renewal', { ...moved, modifiedBy: user, modifiedAt: clock.now() })
      })
      await note('Create', shown(put), user)
      return shown(put)
    },

    async maintain(ca: Pick<BuiltInCa, 'issueClient'>): Promise<boolean> {
      const present = records.view().of('entry').get(systemAlias)
      if (present === undefined) return provide(ca, 'entry')
      const left = endOf(present) - clock.now()
      if (left > announced) return false
      const next = records.view().of('renewal').get(systemAlias)
      const made = next === undefined && (await provide(ca, 'renewal'))
      if (left > lastCall) return made
      const isDue = (): boolean => {
        const now = records.view().of('entry').get(systemAlias)
        return now === undefined || endOf(now) - clock.now() <= lastCall
      }
      return (await activate(systemAlias, system, isDue)) !== undefined
    },
  }
}
