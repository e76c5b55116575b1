import { type Entity, isoOf, localTime, textOf, timeOf } from './api/entity.ts'
import { literal, query, timeLiteral } from './api/odata-address.ts'
import type { Output } from './output.ts'
import { table } from './table.ts'

/** One line of the message processing log. */
export interface LogLine {
  readonly id: string
  readonly flow: string
  readonly status: string
  readonly customStatus: string
  readonly correlationId: string
  readonly sender: string
  readonly receiver: string
  readonly level: string
  /** Milliseconds since 1970. */
  readonly start: number | undefined
  readonly end: number | undefined
}

/** Which messages are wanted; what is empty does not matter. */
export interface LogFilter {
  readonly flow: string
  readonly status: string
  readonly correlation: string
  /** Milliseconds since 1970. */
  readonly since: number | undefined
  /** Only what started or ended since then. */
  readonly changedSince?: number
}

export const logLine = (log: Entity): LogLine => ({
  id: textOf(log, 'MessageGuid'),
  flow: textOf(log, 'IntegrationFlowName'),
  status: textOf(log, 'Status'),
  customStatus: textOf(log, 'CustomStatus'),
  correlationId: textOf(log, 'CorrelationId'),
  sender: textOf(log, 'Sender'),
  receiver: textOf(log, 'Receiver'),
  level: textOf(log, 'LogLevel'),
  start: timeOf(log, 'LogStart'),
  end: timeOf(log, 'LogEnd'),
})

/** Address of the newest `limit` messages that match. */
export function logAddress({ flow, status, correlation, since, changedSince }: LogFilter, limit: number): string {
  const changed = changedSince === undefined ? '' : timeLiteral(changedSince)
  const conditions = [
    flow && `IntegrationFlowName eq ${literal(flow)}`,
    status && `Status eq ${literal(status.toUpperCase())}`,
    correlation && `CorrelationId eq ${literal(correlation)}`,
    since !== undefined && `LogStart ge ${timeLiteral(since)}`,
    changed && `(LogStart ge ${changed} or LogEnd ge ${changed})`,
  ].filter(Boolean)
  return `MessageProcessingLogs${query({ $filter: conditions.join(' and '), $orderby: 'LogStart desc', $top: limit })}`
}

/** The record of a line that `--json` prints. */
export const logRecord = ({ start, end, ...rest }: LogLine) => ({ ...rest, start: isoOf(start), end: isoOf(end) })

/** Lines as a table; without header for a list that goes on. */
export function logTable(lines: readonly LogLine[], output: Output, header = true): string {
  const rows = lines.map((line) => [
    localTime(line.start),
    durationWords(tookOfLine(line)).padStart(9),
    output.tone(line.status.padEnd(10), toneOf(line.status)),
    line.id,
    line.customStatus === '' || line.customStatus === line.status ? line.flow : `${line.flow} (${line.customStatus})`,
  ])
  return table(header ? ['Start', '     Took', 'Status', 'Message', 'Flow'] : undefined, rows)
}

const toneOf = (status: string): 'good' | 'bad' | undefined => {
  if (status === 'COMPLETED') return 'good'
  return status === 'FAILED' || status === 'ABANDONED' ? 'bad' : undefined
}

/** Milliseconds from start to end; undefined while it lasts. */
export const tookOfLine = ({ start, end }: LogLine): number | undefined =>
  start === undefined || end === undefined ? undefined : end - start

/** Milliseconds as `0.3 ms`, `12 ms`, `3.4 s` or `2 min`; '' where it is not known. */
export function durationWords(took: number | undefined): string {
  if (took === undefined) return ''
  if (took < 10) return `${Number(took.toPrecision(2))} ms`
  if (took < 1_000) return `${Math.round(took)} ms`
  return took < 120_000 ? `${(took / 1_000).toFixed(1)} s` : `${Math.round(took / 60_000)} min`
}
