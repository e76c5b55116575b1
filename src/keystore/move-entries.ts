import { checkAlias } from './aliases.ts'
import type { EntryOutcome, Keystore, KeystoreChange, KeystoreEntry } from './contracts.ts'
import { faults } from './faults.ts'
import type { KeystoreCore } from './keystore-core.ts'

/** The operations by which entries go, get another alias, and are saved and restored. */
export function moveEntries(
  core: KeystoreCore,
): Pick<Keystore, 'remove' | 'removeMany' | 'rename' | 'copy' | 'backup' | 'restore' | 'backupNote'> {
  const { records, writing, clock, shown, note, checkUnused } = core

  async function removed(alias: string, change: KeystoreChange): Promise<KeystoreEntry> {
    if (writing.mayChange(records.view(), alias, change) === undefined) throw faults.aliasUnknown({ alias })
    await checkUnused(alias)
    const record = await records.change((draft) => {
      const found = writing.mayChange(draft, alias, change)
      if (found === undefined) throw faults.aliasUnknown({ alias })
      draft.drop('entry', alias)
      return found
    })
    await note('Delete', shown(record), change.user)
    return shown(record)
  }

  /** The entry under another alias as well, or instead. */
  async function alike(alias: string, to: string, change: KeystoreChange, keep: boolean): Promise<KeystoreEntry> {
    checkAlias(to, change.owner, !keep)
    if (!keep) await checkUnused(alias)
    const { found, written } = await records.change((draft) => {
      const found = writing.mayChange(draft, alias, change)
      if (found === undefined) throw faults.aliasUnknown({ alias })
      if (draft.of('entry').has(to)) throw faults.aliasTaken({ alias: to })
      const moved = writing.moved(found, 'entry', { kind: 'entry', alias: to })
      if (!keep) draft.drop('entry', alias)
      const written = draft.put('entry', { ...moved, modifiedBy: change.user, modifiedAt: clock.now() })
      writing.checkSize(draft)
      return { found, written }
    })
    if (!keep) await note('Delete', shown(found), change.user, { 'Renamed To': to })
    await note('Create', shown(written), change.user, { [keep ? 'Copy Of' : 'Renamed From']: alias })
    return shown(written)
  }

  async function removedOrNot(alias: string, change: KeystoreChange): Promise<EntryOutcome> {
    try {
      return { alias, status: 'removed', reason: '', entry: await removed(alias, change) }
    } catch (fault) {
      return { alias, status: 'notRemoved', reason: (fault as Error).message, entry: undefined }
    }
  }

  return {
    async remove(alias, change) {
      await removed(alias, change)
    },

    async removeMany(aliases, change) {
      const outcomes: EntryOutcome[] = []
      for (const alias of new Set(aliases)) outcomes.push(await removedOrNot(alias, change))
      return outcomes
    },

    rename: (alias, to, change) => alike(alias, to, change, false),
    copy: (alias, to, change) => alike(alias, to, change, true),

    async backup({ user }) {
      const copied = await records.change((draft) => {
        for (const alias of draft.of('backup').keys()) draft.drop('backup', alias)
        const own = [...draft.of('entry').values()].filter(({ owner }) => owner === 'tenant')
        draft.put('note', { id: 'backup', at: clock.now(), by: user })
        return own.map((each) =>
          draft.put('backup', writing.moved(each, 'entry', { kind: 'backup', alias: each.alias })),
        )
      })
      await core.noteWhole('Create', 'backup_admin_system', user, copied.length)
      return copied.map(shown)
    },

    async restore(change) {
      if (records.view().of('note').get('backup') === undefined) throw faults.backupAbsent()
      const outcomes = await core.replaceAll(
        change,
        (alias) => records.view().of('backup').has(alias),
        (draft) =>
          [...draft.of('backup').values()].map((each): EntryOutcome => {
            const { alias } = each
            const before = writing.mayChange(draft, alias, change)
            const entry = draft.put('entry', writing.moved(each, 'backup', { kind: 'entry', alias }))
            return { alias, status: before === undefined ? 'created' : 'updated', reason: '', entry: shown(entry) }
          }),
      )
      await core.noteWhole('Change', 'system', change.user, outcomes.length)
      return outcomes
    },

    backupNote: () => records.view().of('note').get('backup'),
  }
}
