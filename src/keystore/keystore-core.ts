import type { X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { Draft, RecordsInMemory } from '../records/contracts.ts'
import { factsOf, readCertificates } from './certificates.ts'
import type { EntryOutcome, KeystoreChange, KeystoreEntry, KeystoreLimits, LentKeyPair } from './contracts.ts'
import { createEntryWriting, type NewEntry } from './entry-writing.ts'
import { faults } from './faults.ts'
import type { EntryRecord, KeystoreRecords } from './keystore-records.ts'
import type { Sealer } from './ports.ts'

/** Where changes of security objects are recorded. */
export interface KeystoreAudit {
  readonly record: (draft: {
    readonly action: 'Create' | 'Change' | 'Delete' | 'Read'
    readonly objectType: 'X.509 Key-Pair' | 'X.509 Certificate' | 'SSH Key' | 'Keystore'
    readonly objectId: string
    readonly user?: string
    readonly attributes?: Readonly<Record<string, string>>
  }) => Promise<void>
}

type Action = 'Create' | 'Change' | 'Delete' | 'Read'

const actions: Readonly<Partial<Record<EntryOutcome['status'], Action>>> = {
  created: 'Create',
  updated: 'Change',
  removed: 'Delete',
}

/** What all operations on a keystore are made of. */
export function createKeystoreCore(given: {
  readonly records: RecordsInMemory<KeystoreRecords, undefined>
  readonly sealer: Sealer
  readonly clock: Clock
  readonly limits: KeystoreLimits
  readonly whereUsed: ((kind: 'key', alias: string) => Promise<readonly string[]>) | undefined
  readonly audit: KeystoreAudit | undefined
}) {
  const { records, sealer, clock, limits, whereUsed, audit } = given
  const writing = createEntryWriting({ sealer, clock, limits })
  // A record never changes: one that was written again is another one.
  const shownRecords = new WeakMap<EntryRecord, KeystoreEntry>()
  const lentRecords = new WeakMap<EntryRecord, LentKeyPair>()

  function shown(record: EntryRecord): KeystoreEntry {
    const known = shownRecords.get(record)
    if (known !== undefined) return known
    const entry = entryOf(record)
    shownRecords.set(record, entry)
    return entry
  }

  const inUse = (): ReadonlyMap<string, EntryRecord> => records.view().of('entry')

  /** @throws keystore.aliasUnknown */
  function present(alias: string): EntryRecord {
    const found = inUse().get(alias)
    if (found === undefined) throw faults.aliasUnknown({ alias })
    return found
  }

  /** @throws keystore.aliasUnknown, notKeyPair, sealBroken */
  function lend(alias: string): LentKeyPair {
    const record = present(alias)
    const known = lentRecords.get(record)
    if (known !== undefined) return known
    const key = writing.keyOf(record, 'entry')
    if (key === undefined) throw faults.notKeyPair({ alias })
    const pair = { chain: record.chain, key }
    lentRecords.set(record, pair)
    return pair
  }

  async function note(
    action: Action,
    { alias, type, subject, fingerprint, validTo }: KeystoreEntry,
    user: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const objectType = type === 'certificate' ? 'X.509 Certificate' : type === 'ssh' ? 'SSH Key' : 'X.509 Key-Pair'
    const until = new Date(validTo).toISOString().slice(0, 10)
    const attributes = { Subject: subject, Fingerprint: fingerprint, 'Valid Until': until, ...more }
    await audit?.record({ action, objectType, objectId: alias, user, attributes })
  }

  async function noteOutcomes(outcomes: readonly EntryOutcome[], user: string): Promise<void> {
    for (const { status, entry } of outcomes) {
      const action = actions[status]
      if (entry !== undefined && action !== undefined) await note(action, entry, user)
    }
  }

  /** @throws keystore.entryInUse */
  async function checkUnused(alias: string): Promise<void> {
    const users = (await whereUsed?.('key', alias)) ?? []
    if (users.length > 0) throw faults.entryInUse({ alias, users })
  }

  return {
    records,
    writing,
    clock,
    limits,
    shown,
    inUse,
    present,
    lend,
    note,
    noteOutcomes,
    checkUnused,

    noteWhole: async (action: 'Create' | 'Change', objectId: string, user: string, entries: number) =>
      audit?.record({ action, objectType: 'Keystore', objectId, user, attributes: { Entries: String(entries) } }),

    /** @throws keystore.fileTooLarge */
    checkBytes: (content: string | Uint8Array, limit: number, what: string): void => {
      const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.length
      if (bytes > limit) throw faults.fileTooLarge({ what, bytes, limit })
    },

    /** Every certificate of the entries in use. */
    certificates: (): readonly X509Certificate[] =>
      [...inUse().values()].flatMap(({ chain }) => readCertificates(chain)),

    /** Puts one entry. @throws as `place`, keystore.keystoreFull */
    put: async (entry: NewEntry, change: KeystoreChange): Promise<KeystoreEntry> => {
      const { record, done } = await records.change((draft) => {
        const placed = writing.place(draft, entry, change)
        if (placed.done === 'unchanged' && change.replace !== true) throw faults.aliasTaken({ alias: entry.alias })
        writing.checkSize(draft)
        return placed
      })
      if (done !== 'unchanged') await note(done === 'created' ? 'Create' : 'Change', shown(record), change.user)
      return shown(record)
    },

    /**
     * Replaces all entries of the tenant: those that are not kept are removed. When nothing could be written, nothing
     * is removed.
     * @throws keystore.entryInUse, keystoreFull
     */
    replaceAll: async (
      change: KeystoreChange,
      kept: (alias: string) => boolean,
      write: (draft: Draft<KeystoreRecords>) => readonly EntryOutcome[],
    ): Promise<readonly EntryOutcome[]> => {
      const leaving = (entries: ReadonlyMap<string, EntryRecord>) =>
        [...entries.values()].filter(({ owner, alias }) => owner === 'tenant' && !kept(alias))
      for (const { alias } of leaving(inUse())) await checkUnused(alias)
      const outcomes = await records.change((draft): readonly EntryOutcome[] => {
        const removed = leaving(draft.of('entry'))
        const written = write(draft)
        if (written.length > 0 && written.every(({ status }) => status === 'notImported')) return written
        for (const { alias } of removed) draft.drop('entry', alias)
        writing.checkSize(draft)
        const gone = removed.map(
          (each) => ({ alias: each.alias, status: 'removed', reason: '', entry: shown(each) }) as const,
        )
        return [...written, ...gone]
      })
      await noteOutcomes(outcomes, change.user)
      return outcomes
    },
  }
}

export type KeystoreCore = ReturnType<typeof createKeystoreCore>

function entryOf(record: EntryRecord): KeystoreEntry {
  const { alias, type, owner, chain, createdBy, createdAt, modifiedBy, modifiedAt } = record
  const [leaf] = readCertificates(chain)
  if (leaf === undefined) throw faults.certificateUnreadable({ why: `the entry '${alias}' is empty` })
  return { alias, type, owner, chain, createdBy, createdAt, modifiedBy, modifiedAt, ...factsOf(leaf) }
}
