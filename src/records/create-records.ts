import type { Draft, Ids, Kinds, RecordsInMemory, RecordStore, StoredRecord, View } from './contracts.ts'
import { faults } from './faults.ts'

const tries = 20

type Tables = ReadonlyMap<string, ReadonlyMap<string, unknown>>

/** Loads the records; the index is made anew with each change, before anybody hears of it. */
export async function createRecords<Of extends Kinds, Index>(given: {
  readonly store: RecordStore
  readonly ids: Ids<Of>
  readonly indexOf: (view: View<Of>) => Index
}): Promise<RecordsInMemory<Of, Index>> {
  const { store, ids, indexOf } = given
  const listeners = new Set<() => void | Promise<unknown>>()
  const first = await store.load(0)
  /** The revision of the store that `tables` is. */
  let at = first.revision
  let tables = withRecords(new Map(), first.records)
  let revision = 1
  let index = indexOf(viewOf<Of>(tables))

  // Changes and reloads take turns: a reload that began before a deletion must not bring back what was deleted.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  /** Everybody is told, whoever fails; then the first failure is thrown. */
  async function become(next: Tables, stored: number): Promise<void> {
    index = indexOf(viewOf<Of>(next))
    tables = next
    at = stored
    revision++
    const told = await Promise.allSettled([...listeners].map(async (listener) => listener()))
    for (const each of told) if (each.status === 'rejected') throw each.reason
  }

  async function takeOver(): Promise<void> {
    let after = at
    let loaded = await store.load(after)
    if (loaded.revision < after) {
      // An older copy of the database was put in place.
      after = 0
      loaded = await store.load(0)
    } else if (loaded.revision === after) return
    // Loading after 0 gives what is there, and not what was deleted.
    await become(withRecords(after === 0 ? new Map() : tables, loaded.records), loaded.revision)
  }

  return {
    view: () => viewOf<Of>(tables),
    revision: () => revision,
    index: () => index,
    reload: () => inTurn(takeOver),
    change: (work) =>
      inTurn(async () => {
        for (let tried = 0; tried < tries; tried++) {
          await takeOver()
          const { draft, records, drafted } = draftOf<Of>(tables, ids)
          const result = work(draft)
          if (records.length === 0) return result
          if (!(await store.write(at, records))) continue
          await become(drafted(), at + 1)
          return result
        }
        throw faults.busy()
      }),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

const none: ReadonlyMap<string, unknown> = new Map()

const viewOf = <Of extends Kinds>(tables: Tables): View<Of> => ({
  of: <K extends keyof Of & string>(kind: K) => (tables.get(kind) ?? none) as ReadonlyMap<string, Of[K]>,
})

function draftOf<Of extends Kinds>(tables: Tables, ids: Ids<Of>) {
  const records: StoredRecord[] = []
  let current = tables
  const write = (record: StoredRecord) => {
    records.push(record)
    current = withRecords(current, [record])
  }
  const draft: Draft<Of> = {
    of: (kind) => viewOf<Of>(current).of(kind),
    put(kind, record) {
      const id = ids[kind](record)
      write({ kind, id, document: JSON.stringify(record) })
      return viewOf<Of>(current).of(kind).get(id) ?? record
    },
    drop: (kind, id) => write({ kind, id, document: undefined }),
  }
  return { draft, records, drafted: () => current }
}

/** The tables with records written over; those that do not change are shared. */
function withRecords(tables: Tables, records: readonly StoredRecord[]): Tables {
  const next = new Map(tables)
  const fresh = new Map<string, Map<string, unknown>>()
  for (const { kind, id, document } of records) {
    let table = fresh.get(kind)
    if (table === undefined) {
      table = new Map<string, unknown>(tables.get(kind))
      fresh.set(kind, table)
      next.set(kind, table)
    }
    if (document === undefined) table.delete(id)
    else table.set(id, JSON.parse(document))
  }
  return next
}
