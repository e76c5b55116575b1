import type { Filter, MessageLogStore, MessageSummary, Page } from '../monitor/index.ts'
import { filterExpression, summaryFields } from './message-filter.ts'
import { createMessageLogWriter } from './message-log-writer.ts'
import { readDetail } from './message-rows.ts'
import type { Database } from './open-database.ts'

type SummaryRow = {
  readonly [Key in keyof MessageSummary]: undefined extends MessageSummary[Key] ? number | null : MessageSummary[Key]
}

const summaryColumns = summaryFields.map((field) => `message.${field}` as const)

const summary = (row: SummaryRow): MessageSummary => ({ ...row, end: row.end ?? undefined })

/** The message log in the database of a tenant. */
export function createMessageLogStore(database: Database): MessageLogStore {
  const { query, dialect } = database
  const writer = createMessageLogWriter(database)

  const matching = (filter: Filter | undefined) => {
    const messages = query.selectFrom('message')
    return filter ? messages.where((builder) => filterExpression(builder, filter, dialect)) : messages
  }

  async function list(filter: Filter | undefined, page: Page): Promise<readonly MessageSummary[]> {
    let selected = matching(filter).select(summaryColumns)
    for (const { field, descending } of page.orderBy) {
      selected = selected.orderBy(`message.${field}`, (order) =>
        descending ? order.desc().nullsLast() : order.asc().nullsFirst(),
      )
    }
    // Ties are broken by id, so that pages neither repeat nor leave out a message.
    const rows = await selected.orderBy('message.id').limit(page.top).offset(page.skip).execute()
    return rows.map(summary)
  }

  async function count(filter: Filter | undefined): Promise<number> {
    const row = await matching(filter)
      .select((row) => row.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    return row.total
  }

  const find: MessageLogStore['find'] = async (id) => {
    const row = await query
      .selectFrom('message')
      .select([...summaryColumns, 'detail'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    const { detail, ...rest } = row
    const headers = await query
      .selectFrom('customHeader')
      .selectAll()
      .where('messageId', '=', id)
      .orderBy('position')
      .execute()
    const traces = await query.selectFrom('trace').select(['position', 'sealed']).where('messageId', '=', id).execute()
    return {
      ...summary(rest),
      ...readDetail(detail, new Map(traces.map(({ position, sealed }) => [position, sealed]))),
      customHeaders: headers.map(({ name, value }) => [name, value] as const),
    }
  }

  const byCustomHeader: MessageLogStore['byCustomHeader'] = async (name, value, page) => {
    let selected = query
      .selectFrom('customHeader')
      .innerJoin('message', 'message.id', 'customHeader.messageId')
      .select(['customHeader.messageId', 'customHeader.position', 'customHeader.name', 'customHeader.value'])
    if (name !== undefined) selected = selected.where('customHeader.name', '=', name)
    if (value !== undefined) selected = selected.where('customHeader.value', '=', value)
    for (const { field, descending } of page.orderBy) {
      selected = selected.orderBy(`message.${field}`, descending ? 'desc' : 'asc')
    }
    const rows = await selected
      .orderBy('customHeader.messageId')
      .orderBy('customHeader.position')
      .limit(page.top)
      .offset(page.skip)
      .execute()
    return rows.map(({ messageId, position, name, value }) => ({
      id: `${messageId}.${position}`,
      name,
      value,
      messageId,
    }))
  }

  /** Contents can be large: what goes, goes in transactions of `limit` rows. */
  async function expireTraces(now: number, limit: number): Promise<void> {
    for (;;) {
      const due = query.selectFrom('trace').select(['messageId', 'position']).where('expires', '<=', now).limit(limit)
      const removed = await query
        .deleteFrom('trace')
        .where((row) => row(row.refTuple('messageId', 'position'), 'in', due.$asTuple('messageId', 'position')))
        .executeTakeFirst()
      if (Number(removed.numDeletedRows) < limit) return
    }
  }

  return {
    apply: (events, checkpoint) =>
      query.transaction().execute(async (transaction) => {
        await writer.write(transaction, events)
        await writer.moveCheckpoint(transaction, checkpoint)
      }),
    checkpoint: (node) => query.selectFrom('checkpoint').selectAll().where('node', '=', node).executeTakeFirst(),
    abandon: async (node, end) => {
      const { numUpdatedRows } = await query
        .updateTable('message')
        .set({ status: 'ABANDONED', end })
        .where('status', '=', 'PROCESSING')
        .where('node', '=', node)
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },
    list,
    count,
    find,
    attachment: (id) =>
      query
        .selectFrom('attachment')
        .select(['messageId', 'name', 'contentType', 'size', 'sealed'])
        .where('id', '=', id)
        .executeTakeFirst(),
    byCustomHeader,
    expire: async (before, now, limit) => {
      await expireTraces(now, limit)
      const due = query.selectFrom('message').select('id').where('end', '<', before).orderBy('end').limit(limit)
      const { numDeletedRows } = await query.deleteFrom('message').where('id', 'in', due).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
