import type { Refusal, RefusalStore } from '../monitor/index.ts'
import { manyRows } from './many-rows.ts'
import { replaceNul } from './nul.ts'
import type { Database } from './open-database.ts'

const columns = [
  'reference',
  'time',
  'remote_address',
  'certificate',
  'method',
  'endpoint',
  'stage',
  'code',
  'reason',
  'remedy',
  'status',
  'times',
] as const

const conflict = 'on conflict (reference) do update set times = excluded.times where excluded.times > refusal.times'

const row = (refusal: Refusal & { readonly times?: number }): readonly unknown[] =>
  [
    refusal.reference,
    refusal.time,
    refusal.remoteAddress,
    refusal.certificate ? JSON.stringify(refusal.certificate) : null,
    refusal.method,
    refusal.endpoint,
    refusal.stage,
    refusal.code,
    refusal.reason,
    refusal.remedy,
    refusal.status,
    refusal.times ?? 1,
  ].map((value) => (typeof value === 'string' ? replaceNul(value) : value))

/** Refused calls in the database of a tenant. */
export function createRefusalStore({ query, dialect }: Database): RefusalStore {
  const insert = manyRows(dialect, { table: 'refusal', columns, conflict })
  return {
    async add(refusals) {
      await query.transaction().execute((transaction) => insert(transaction, refusals.map(row)))
    },
    list: async ({ since, reference, top }) => {
      let selected = query.selectFrom('refusal').selectAll()
      if (since !== undefined) selected = selected.where('time', '>=', since)
      if (reference !== undefined) selected = selected.where('reference', '=', reference)
      const rows = await selected.orderBy('time', 'desc').orderBy('reference').limit(top).execute()
      return rows.map((row) => ({
        ...row,
        certificate: row.certificate === null ? undefined : (JSON.parse(row.certificate) as Refusal['certificate']),
      }))
    },
    timeOf: async (newer) => {
      const found = await query
        .selectFrom('refusal')
        .select('time')
        .orderBy('time', 'desc')
        .limit(1)
        .offset(newer)
        .executeTakeFirst()
      return found?.time
    },
    expire: async (before, limit) => {
      const due = query
        .selectFrom('refusal')
        .select('reference')
        .where('time', '<', before)
        .orderBy('time')
        .limit(limit)
      const { numDeletedRows } = await query.deleteFrom('refusal').where('reference', 'in', due).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
