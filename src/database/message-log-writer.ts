import { CompiledQuery, type Transaction } from 'kysely'
import type { Checkpoint, MessageEnded, MessageEvent, MessageStarted } from '../monitor/index.ts'
import { chunksOf, manyRows, placeholder } from './many-rows.ts'
import {
  attachmentColumns,
  attachmentRows,
  headerColumns,
  headerRows,
  messageColumns,
  messageRow,
  traceColumns,
  traceRows,
} from './message-rows.ts'
import type { Database } from './open-database.ts'
import type { Tables } from './tables.ts'

const overwrite = messageColumns
  .filter((column) => column !== 'id')
  .map((column) => `"${column}" = excluded."${column}"`)
  .join(', ')

const children = ['custom_header', 'attachment', 'trace'] as const

/** What is left of a batch: the last ending of each message, and the beginnings of those that have not ended in it. */
function fold(events: readonly MessageEvent[]): { started: MessageStarted[]; ended: MessageEnded[] } {
  const started = new Map<string, MessageStarted>()
  const ended = new Map<string, MessageEnded>()
  for (const event of events) {
    if (event.event === 'ended') ended.set(event.id, event)
    else started.set(event.id, event)
  }
  return { started: [...started.values()].filter(({ id }) => !ended.has(id)), ended: [...ended.values()] }
}

/** Writes batches of events inside a transaction; writing a batch again changes nothing. */
export function createMessageLogWriter({ dialect }: Database): {
  readonly write: (transaction: Transaction<Tables>, events: readonly MessageEvent[]) => Promise<void>
  readonly moveCheckpoint: (transaction: Transaction<Tables>, checkpoint: Checkpoint) => Promise<void>
} {
  const insert = (table: string, columns: readonly string[], conflict: string) =>
    manyRows(dialect, { table, columns, conflict })
  const insertNew = insert('message', messageColumns, 'on conflict do nothing')
  const insertEnded = insert('message', messageColumns, `on conflict (id) do update set ${overwrite}`)
  const insertHeaders = insert('custom_header', headerColumns, '')
  const insertAttachments = insert('attachment', attachmentColumns, 'on conflict do nothing')
  const insertTraces = insert('trace', traceColumns, '')

  /** A message can end twice: after a retry, or when a batch is applied again. Its last ending says all. */
  async function clearEndedBefore(transaction: Transaction<Tables>, ended: readonly MessageEnded[]): Promise<void> {
    const ids = ended.map(({ id }) => id)
    const list = ids.map((_, index) => placeholder(dialect, index)).join(', ')
    const select = `select id from message where id in (${list}) and "end" is not null`
    const { rows } = await transaction.executeQuery<{ id: string }>(CompiledQuery.raw(select, ids))
    for (const { id } of rows) {
      for (const table of children) {
        const remove = `delete from ${table} where message_id = ${placeholder(dialect, 0)}`
        await transaction.executeQuery(CompiledQuery.raw(remove, [id]))
      }
    }
  }

  /** Most messages end in the batch in which they began: only where one was there before it is looked at. */
  async function writeEnded(transaction: Transaction<Tables>, ended: readonly MessageEnded[]): Promise<void> {
    for (const chunk of chunksOf(ended)) {
      const rows = chunk.map(messageRow)
      if ((await insertNew(transaction, rows)) === rows.length) continue
      await clearEndedBefore(transaction, chunk)
      await insertEnded(transaction, rows)
    }
  }

  return {
    write: async (transaction, events) => {
      const { started, ended } = fold(events)
      await insertNew(transaction, started.map(messageRow))
      await writeEnded(transaction, ended)
      await insertHeaders(transaction, ended.flatMap(headerRows))
      await insertAttachments(transaction, ended.flatMap(attachmentRows))
      await insertTraces(transaction, ended.flatMap(traceRows))
    },
    moveCheckpoint: async (transaction, { node, segment, offset }) => {
      await transaction
        .insertInto('checkpoint')
        .values({ node, segment, offset })
        .onConflict((conflict) => conflict.column('node').doUpdateSet({ segment, offset }))
        .execute()
    },
  }
}
