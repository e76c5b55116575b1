import type { Primitive, Row } from '../edm.ts'
import type { Expression, FilterFunction } from './filter-tree.ts'
import { valueAt } from './property-path.ts'
import type { Query } from './query-options.ts'

/** True when the row passes the filter, which must have been bound to its type. */
export const passes = (filter: Expression, row: Row): boolean => evaluate(filter, row) === true

/** Rows that pass, in the order asked for; `$skip` and `$top` are left to the caller, who counts first. */
export function selectRows(
  rows: readonly Row[],
  { filter, orderBy }: Pick<Query, 'filter' | 'orderBy'>,
): readonly Row[] {
  const passed = filter ? rows.filter((row) => passes(filter, row)) : rows
  if (orderBy.length === 0) return passed
  return passed.toSorted((a, b) => {
    for (const { property, descending } of orderBy) {
      const order = compare(valueAt(a, property), valueAt(b, property))
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })
}

function evaluate(node: Expression, row: Row): Primitive {
  switch (node.kind) {
    case 'literal':
      return node.literal.value
    case 'property':
      return valueAt(row, node.path)
    case 'and':
      return evaluate(node.left, row) === true && evaluate(node.right, row) === true
    case 'or':
      return evaluate(node.left, row) === true || evaluate(node.right, row) === true
    case 'not':
      return evaluate(node.of, row) !== true
    case 'call':
      return functions[node.name](...node.of.map((argument) => String(evaluate(argument, row) ?? '')))
    default: {
      const [left, right] = [evaluate(node.left, row), evaluate(node.right, row)]
      // A comparison with null is only ever true for eq and ne.
      if (left === null || right === null)
        return node.operator === 'eq' ? left === right : node.operator === 'ne' && left !== right
      const order = compare(left, right)
      return { eq: order === 0, ne: order !== 0, gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[
        node.operator
      ]
    }
  }
}

const functions: Readonly<Record<FilterFunction, (...given: readonly string[]) => Primitive>> = {
  substringof: (part = '', whole = '') => whole.includes(part),
  startswith: (whole = '', part = '') => whole.startsWith(part),
  endswith: (whole = '', part = '') => whole.endsWith(part),
  tolower: (value = '') => value.toLowerCase(),
  toupper: (value = '') => value.toUpperCase(),
  trim: (value = '') => value.trim(),
  length: (value = '') => value.length,
}

/** Null comes first; text is compared by code units, as a database with binary collation does. */
function compare(a: Primitive, b: Primitive): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null)
  // Numbers and big integers compare across their types; equality must not be asked with ===.
  return a < b ? -1 : a > b ? 1 : 0
}
