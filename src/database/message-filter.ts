import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { Filter, MessageSummary } from '../monitor/index.ts'
import { faults } from './faults.ts'
import type { Database } from './open-database.ts'
import type { Tables } from './tables.ts'

type Compare = Extract<Filter, { kind: 'compare' }>
type Builder = ExpressionBuilder<Tables, 'message'>

const numeric: ReadonlySet<keyof MessageSummary> = new Set(['start', 'end'])

/** What all fields are; also says which names may stand in a query. */
export const summaryFields = [
  'id',
  'correlationId',
  'flowId',
  'flowName',
  'packageId',
  'start',
  'end',
  'level',
  'status',
  'sender',
  'receiver',
  'principal',
  'customStatus',
  'applicationId',
  'applicationType',
  'predecessor',
] as const satisfies readonly (keyof MessageSummary)[]

function textMatch({ field, operator, value }: Compare, dialect: Database['dialect']): Expression<SqlBool> {
  const text = String(value)
  const column = sql.ref<string>(`message.${field}`)
  const length = Array.from(text).length
  // LIKE is no choice: it needs escaping, and SQLite's takes no notice of case.
  if (operator === 'contains') {
    return dialect === 'sqlite'
      ? sql<SqlBool>`instr(${column}, ${text}) > 0`
      : sql<SqlBool>`strpos(${column}, ${text}) > 0`
  }
  if (operator === 'startsWith') return sql<SqlBool>`substr(${column}, 1, ${length}) = ${text}`
  const tail = sql`substr(${column}, length(${column}) - ${length} + 1)`
  return sql<SqlBool>`(length(${column}) >= ${length} and ${tail} = ${text})`
}

/** With the conditions of the sparse indexes of migration 0001 where they hold anyway: else no index is used. */
function sparse(builder: Builder, field: keyof MessageSummary, value: string, comparison: Expression<SqlBool>) {
  if (field === 'status' && value !== 'COMPLETED')
    return builder.and([comparison, sql<SqlBool>`message.status <> 'COMPLETED'`])
  if (field === 'applicationId' && value !== '')
    return builder.and([comparison, sql<SqlBool>`message.application_id <> ''`])
  if (field !== 'correlationId') return comparison
  // A message that stands alone is its own correlation, and is found by its id.
  return builder.or([
    builder.and([comparison, sql<SqlBool>`message.correlation_id <> message.id`]),
    builder.and([builder('message.id', '=', value), sql<SqlBool>`message.correlation_id = message.id`]),
  ])
}

function compare(builder: Builder, given: Compare, dialect: Database['dialect']): Expression<SqlBool> {
  const { field, operator, value } = given
  const textOnly = operator === 'contains' || operator === 'startsWith' || operator === 'endsWith'
  if (!summaryFields.includes(field) || (typeof value === 'number') !== numeric.has(field)) {
    throw faults.filterInvalid({ field })
  }
  if (textOnly) {
    if (typeof value === 'number') throw faults.filterInvalid({ field })
    return value === '' ? sql<SqlBool>`1 = 1` : textMatch(given, dialect)
  }
  const comparison = builder(`message.${field}`, operator, value)
  if (operator === '=') return sparse(builder, field, String(value), comparison)
  if (field !== 'end') return comparison
  // A message that has not ended differs from every time and is neither before nor after one; never "unknown",
  // which `not` would leave unknown.
  return operator === '!='
    ? builder.or([builder('message.end', 'is', null), comparison])
    : builder.and([builder('message.end', 'is not', null), comparison])
}

/** A filter tree as SQL; every value is a parameter. @throws database.filterInvalid */
export function filterExpression(builder: Builder, filter: Filter, dialect: Database['dialect']): Expression<SqlBool> {
  if (filter.kind === 'compare') return compare(builder, filter, dialect)
  if (filter.kind === 'not') return builder.not(filterExpression(builder, filter.of, dialect))
  const parts = filter.of.map((part) => filterExpression(builder, part, dialect))
  if (parts.length === 0) return filter.kind === 'and' ? sql<SqlBool>`1 = 1` : sql<SqlBool>`1 = 0`
  return filter.kind === 'and' ? builder.and(parts) : builder.or(parts)
}
