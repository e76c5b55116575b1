import type { Filter, MessageSummary } from '../monitor/index.ts'
import { type Expression, odataFaults, type Query } from '../odata/index.ts'

type Compare = Extract<Filter, { kind: 'compare' }>
type Field = keyof MessageSummary

/** Properties of the message log that can be asked for, and where the store keeps them. */
const fields: Readonly<Record<string, Field>> = {
  MessageGuid: 'id',
  CorrelationId: 'correlationId',
  PredecessorMessageGuid: 'predecessor',
  ApplicationMessageId: 'applicationId',
  ApplicationMessageType: 'applicationType',
  LogStart: 'start',
  LogEnd: 'end',
  Sender: 'sender',
  Receiver: 'receiver',
  IntegrationFlowName: 'flowId',
  Status: 'status',
  CustomStatus: 'customStatus',
  LogLevel: 'level',
  'IntegrationArtifact/Id': 'flowId',
  'IntegrationArtifact/Name': 'flowName',
  'IntegrationArtifact/PackageId': 'packageId',
}

const operators = { eq: '=', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' } as const
const flipped = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' } as const
const functions: Readonly<Record<string, Compare['operator']>> = {
  substringof: 'contains',
  startswith: 'startsWith',
  endswith: 'endsWith',
}

/**
 * Hands a `$filter` over the message log down to the store.
 * @throws odata.filterUnsupported for what the store cannot ask
 */
export function messageFilter(node: Expression): Filter {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { kind: node.kind, of: [messageFilter(node.left), messageFilter(node.right)] }
    case 'not':
      return { kind: 'not', of: messageFilter(node.of) }
    case 'compare': {
      const reversed = node.left.kind === 'literal'
      const [property, value] = reversed ? [node.right, node.left] : [node.left, node.right]
      return comparison(property, operators[reversed ? flipped[node.operator] : node.operator], value)
    }
    case 'call': {
      const operator = functions[node.name]
      const [first, second] = node.of
      if (!operator || !first || !second) throw unsupported(`${node.name}() here`)
      return node.name === 'substringof' ? comparison(second, operator, first) : comparison(first, operator, second)
    }
    default:
      throw unsupported('a value where a comparison is expected')
  }
}

/** The order of a list. @throws odata.filterUnsupported for properties that cannot be ordered by */
export const messageOrder = (orderBy: Query['orderBy']) =>
  orderBy.map(({ property, descending }) => ({ field: fieldOf(property), descending }))

function comparison(property: Expression, operator: Compare['operator'], value: Expression): Filter {
  if (property.kind !== 'property') throw unsupported('a comparison without a property')
  if (value.kind !== 'literal') throw unsupported('a comparison of two properties')
  const field = fieldOf(property.path)
  const compared = literalValue(field, value.literal.value)
  const plain: Filter = { kind: 'compare', field, operator, value: compared }
  // A message without a status of its own shows its status there.
  if (field !== 'customStatus' || operator === '<' || operator === '>' || operator === '<=' || operator === '>=')
    return plain
  const negative = operator === '!='
  const shown: Filter = {
    kind: 'or',
    of: [
      {
        kind: 'and',
        of: [
          { ...plain, operator: negative ? '=' : operator },
          { kind: 'compare', field, operator: '!=', value: '' },
        ],
      },
      {
        kind: 'and',
        of: [
          { kind: 'compare', field: 'status', operator: negative ? '=' : operator, value: compared },
          { kind: 'compare', field, operator: '=', value: '' },
        ],
      },
    ],
  }
  return negative ? { kind: 'not', of: shown } : shown
}

function fieldOf(path: string): Field {
  const field = Object.hasOwn(fields, path) ? fields[path] : undefined
  if (field === undefined) throw unsupported(`the property ${path}`)
  return field
}

function literalValue(field: Field, value: unknown): string | number {
  const isTime = field === 'start' || field === 'end'
  // Text that was never set is kept as '' and shown as null.
  if (value === null && !isTime) return ''
  if (isTime ? typeof value !== 'number' : typeof value !== 'string') throw unsupported('a comparison with null')
  return value as string | number
}

const unsupported = (what: string) => odataFaults.filterUnsupported({ what })
