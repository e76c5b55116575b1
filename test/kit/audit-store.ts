import type { AuditEnds, AuditFilter, AuditStore, Seal, StoredAuditEvent } from '../../src/audit/index.ts'

/** The rules of the audit log's port, in memory. What it holds may be tampered with, as in a database. */
export interface InMemoryAuditStore extends AuditStore {
  rows: StoredAuditEvent[]
  head: Seal | undefined
  anchor: Seal | undefined
  /** While true, appending fails. */
  down: boolean
  /** How many appends there were. */
  appends: number
}

const fits =
  ({ since, until, ...texts }: AuditFilter) =>
  (event: StoredAuditEvent): boolean =>
    event.time >= (since ?? -Infinity) &&
    event.time < (until ?? Infinity) &&
    (['user', 'via', 'action', 'objectType', 'objectId'] as const).every(
      (name) => texts[name] === undefined || texts[name] === event[name],
    )

export function inMemoryAuditStore(): InMemoryAuditStore {
  const sorted = () => store.rows.toSorted((one, other) => one.seq - other.seq)
  const ends = (): AuditEnds => {
    const last = sorted().at(-1)
    return { head: store.head, anchor: store.anchor, last: last && { seq: last.seq, hash: last.hash } }
  }
  const store: InMemoryAuditStore = {
    rows: [],
    head: undefined,
    anchor: undefined,
    down: false,
    appends: 0,
    append: async (link) => {
      // As with a real store, others get their turn before it is done.
      await new Promise((resolve) => setImmediate(resolve))
      if (store.down) throw new Error('down')
      const { events, head } = link(ends())
      if (events.some(({ seq }) => store.rows.some((row) => row.seq === seq))) throw new Error('duplicate')
      store.rows.push(...events)
      store.head = head
      store.appends += 1
    },
    ends: async () => ends(),
    list: async (filter, { order, top, skip = 0, beyond }) => {
      const found = sorted().filter(fits(filter))
      const directed = order === 'newest' ? found.toReversed() : found
      const from = beyond ?? (order === 'newest' ? Infinity : -Infinity)
      return directed.filter(({ seq }) => (order === 'newest' ? seq < from : seq > from)).slice(skip, skip + top)
    },
    count: async (filter) => store.rows.filter(fits(filter)).length,
    firstSince: async (time) => sorted().find((event) => event.time >= time)?.seq,
    cut: async (expected, anchor) => {
      if (store.anchor?.mac !== expected?.mac) return undefined
      const before = store.rows.length
      store.rows = store.rows.filter(({ seq }) => seq >= anchor.seq)
      store.anchor = anchor
      return before - store.rows.length
    },
  }
  return store
}
