import type { SelectQueryBuilder, Transaction } from 'kysely'
import type { AuditEnds, AuditFilter, AuditStore, Seal } from '../audit/index.ts'
import { manyRows } from './many-rows.ts'
import type { Database } from './open-database.ts'
import type { Tables } from './tables.ts'

const columns = [
  'seq',
  'time',
  'user',
  'source',
  'via',
  'action',
  'object_type',
  'object_id',
  'times',
  'details',
  'key_id',
  'previous_hash',
  'hash',
] as const

/** The row of a head that is not there yet, so that there is one to lock. */
const noHead: Seal = { name: 'head', seq: 0, hash: '', keyId: '', mac: '' }

/** Locks the head until the end of the transaction: whoever comes second waits here, and then finds the new one. */
const lockHead = (transaction: Transaction<Tables>) =>
  transaction
    .insertInto('auditSeal')
    .values(noHead)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ name: 'head' }))
    .execute()

async function readEnds(transaction: Transaction<Tables>): Promise<AuditEnds> {
  const last = await transaction
    .selectFrom('auditEvent')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .execute()
  const seals = await transaction.selectFrom('auditSeal').selectAll().execute()
  const head = seals.find(({ name }) => name === 'head')
  return {
    head: head?.mac === '' ? undefined : head,
    anchor: seals.find(({ name }) => name === 'anchor'),
    last: last[0],
  }
}

const put = (transaction: Transaction<Tables>, seal: Seal) =>
  transaction
    .insertInto('auditSeal')
    .values(seal)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(seal))
    .execute()

function matching<Row>(
  selected: SelectQueryBuilder<Tables, 'auditEvent', Row>,
  { since, until, ...texts }: AuditFilter,
): SelectQueryBuilder<Tables, 'auditEvent', Row> {
  let found = selected
  if (since !== undefined) found = found.where('time', '>=', since)
  if (until !== undefined) found = found.where('time', '<', until)
  for (const column of ['user', 'via', 'action', 'objectType', 'objectId'] as const) {
    const wanted = texts[column]
    if (wanted !== undefined) found = found.where(column, '=', wanted)
  }
  return found
}

/** The audit log in the database of a tenant. */
export function createAuditStore({ query, dialect }: Database): AuditStore {
  const insert = manyRows(dialect, { table: 'audit_event', columns, conflict: '' })
  return {
    append: (link) =>
      query.transaction().execute(async (transaction) => {
        await lockHead(transaction)
        const { events, head } = link(await readEnds(transaction))
        const rows = events.map((event) => [
          event.seq,
          event.time,
          event.user,
          event.source,
          event.via,
          event.action,
          event.objectType,
          event.objectId,
          event.times,
          event.details,
          event.keyId,
          event.previousHash,
          event.hash,
        ])
        await insert(transaction, rows)
        await put(transaction, head)
      }),
    ends: () => query.transaction().setAccessMode('read only').setIsolationLevel('repeatable read').execute(readEnds),
    list: (filter, { order, top, skip = 0, beyond }) => {
      let selected = matching(query.selectFrom('auditEvent').selectAll(), filter)
      if (beyond !== undefined) selected = selected.where('seq', order === 'newest' ? '<' : '>', beyond)
      return selected
        .orderBy('seq', order === 'newest' ? 'desc' : 'asc')
        .limit(top)
        .offset(skip)
        .execute()
    },
    count: async (filter) => {
      const selected = query.selectFrom('auditEvent').select(({ fn }) => fn.countAll<number>().as('count'))
      const { count } = await matching(selected, filter).executeTakeFirstOrThrow()
      return count
    },
    firstSince: async (time) => {
      const { seq } = await query
        .selectFrom('auditEvent')
        .select(({ fn }) => fn.min<number | null>('seq').as('seq'))
        .where('time', '>=', time)
        .executeTakeFirstOrThrow()
      return seq ?? undefined
    },
    cut: (expected, anchor) =>
      query.transaction().execute(async (transaction) => {
        await lockHead(transaction)
        const present = (await readEnds(transaction)).anchor
        if (present?.mac !== expected?.mac || present?.seq !== expected?.seq) return undefined
        const deleted = await transaction.deleteFrom('auditEvent').where('seq', '<', anchor.seq).executeTakeFirst()
        await put(transaction, anchor)
        return Number(deleted.numDeletedRows)
      }),
  }
}
