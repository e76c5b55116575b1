import type { AuditFilter } from '../../audit/index.ts'
import { type Expression, odataFaults, type Query } from '../../odata/index.ts'

const texts: Readonly<Record<string, Exclude<keyof AuditFilter, 'since' | 'until'>>> = {
  User: 'user',
  Via: 'via',
  Action: 'action',
  ObjectType: 'objectType',
  ObjectId: 'objectId',
}

/**
 * Hands a `$filter` down to the audit log: comparisons of texts with `eq` and of the time, joined by `and`.
 * @throws odata.filterUnsupported for what the log cannot ask
 */
export function auditFilter(node: Expression | undefined): AuditFilter {
  if (node === undefined) return {}
  if (node.kind === 'and') return merged(auditFilter(node.left), auditFilter(node.right))
  if (node.kind !== 'compare' || node.left.kind !== 'property' || node.right.kind !== 'literal')
    throw unsupported('more than comparisons joined by and')
  const { path } = node.left
  const { value } = node.right.literal
  if (path === 'Time' && typeof value === 'number') {
    if (node.operator === 'ge') return { since: value }
    if (node.operator === 'gt') return { since: value + 1 }
    if (node.operator === 'lt') return { until: value }
    if (node.operator === 'le') return { until: value + 1 }
    if (node.operator === 'eq') return { since: value, until: value + 1 }
  }
  const name = Object.hasOwn(texts, path) ? texts[path] : undefined
  if (name !== undefined && typeof value === 'string' && node.operator === 'eq') return { [name]: value }
  throw unsupported(`${path} ${node.operator} here`)
}

function merged(one: AuditFilter, other: AuditFilter): AuditFilter {
  const twice = Object.keys(one).find((name) => name in other)
  if (twice !== undefined) throw unsupported('the same property twice')
  return { ...one, ...other }
}

/** Newest first is the one order. @throws odata.filterUnsupported */
export function requireNewestFirst(orderBy: Query['orderBy']): void {
  const isOther = orderBy.some(({ property, descending }) => !descending || (property !== 'Time' && property !== 'Seq'))
  if (isOther) throw unsupported('another order than the newest first')
}

const unsupported = (what: string) => odataFaults.filterUnsupported({ what })
