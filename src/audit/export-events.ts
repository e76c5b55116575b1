import { canonicalJson } from './canonical-json.ts'
import type { AuditFilter, AuditStore } from './ports.ts'
import type { AuditEvent } from './records.ts'
import { eventOf } from './stored-event.ts'

/** `json`: a list with one event a line. `csv`: RFC 4180 with a header line. */
export type ExportFormat = 'json' | 'csv'

const pageSize = 500

const columns = [
  'seq',
  'time',
  'user',
  'source',
  'via',
  'action',
  'objectType',
  'objectId',
  'times',
  'attributes',
  'changedAttributes',
  'previousHash',
  'hash',
] as const

/** A spreadsheet would run a text that begins like a formula; an apostrophe keeps it a text. */
function cell(value: unknown): string {
  const text = typeof value === 'object' ? canonicalJson(value) : String(value)
  const inert = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

const isoTime = (time: number): string => {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

const csvLine = (event: AuditEvent): string =>
  columns.map((column) => cell(column === 'time' ? isoTime(event.time) : event[column])).join(',')

async function* eventsOf(store: AuditStore, filter: AuditFilter): AsyncIterable<AuditEvent> {
  for (let beyond = Number.MIN_SAFE_INTEGER; ; ) {
    const page = await store.list(filter, { order: 'oldest', beyond, top: pageSize })
    for (const event of page) yield eventOf(event)
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return
    beyond = last.seq
  }
}

/** The events that fit, oldest first, as pieces of a text. */
export async function* exportEvents(
  store: AuditStore,
  format: ExportFormat,
  filter: AuditFilter,
): AsyncIterable<string> {
  yield format === 'json' ? '[' : `${columns.join(',')}\r\n`
  let first = true
  for await (const event of eventsOf(store, filter)) {
    yield format === 'csv' ? `${csvLine(event)}\r\n` : `${first ? '\n' : ',\n'}${canonicalJson(event)}`
    first = false
  }
  if (format === 'json') yield '\n]\n'
}
