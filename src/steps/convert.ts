import { textOf } from '../languages/index.ts'
import { Body, isNode, type Value } from '../message/index.ts'
import { faults } from './faults.ts'

/** What a data type of a row comes to. Bundles hold Java class names, often misspelt; a name nobody knows is text. */
export type Datatype = 'text' | 'integer' | 'decimal' | 'boolean' | 'bytes' | 'node' | 'nodes' | 'any'

const kinds: Readonly<Record<string, Datatype>> = {
  '': 'any',
  object: 'any',
  integer: 'integer',
  int: 'integer',
  long: 'integer',
  short: 'integer',
  biginteger: 'integer',
  double: 'decimal',
  float: 'decimal',
  bigdecimal: 'decimal',
  boolean: 'boolean',
  'byte[]': 'bytes',
  node: 'node',
  element: 'node',
  document: 'node',
  nodelist: 'nodes',
}

/** `java.lang.Integer`, `java.Lang.Integer` and `Integer` are the same. */
export const datatypeOf = (className: string): Datatype =>
  kinds[className.trim().split('.').at(-1)?.toLowerCase() ?? ''] ?? 'text'

/**
 * A value in the type a row asks for. Nothing stays nothing.
 * @throws steps.valueNotConverted
 */
export function convert(value: Value, type: Datatype, name: string): Value {
  return value === undefined || value === null ? value : conversions[type](value, name)
}

const conversions: Readonly<Record<Datatype, (value: Value, name: string) => Value>> = {
  any: (value) => value,
  text: textOf,
  integer: (value, name) => numberOf(value, 'integer', name),
  decimal: (value, name) => numberOf(value, 'decimal', name),
  boolean: (value) => (typeof value === 'boolean' ? value : textOf(value).trim().toLowerCase() === 'true'),
  bytes: (value) => (Buffer.isBuffer(value) ? value : Body.of(value).bytes()),
  node: (value, name) => nodesOf(value, name)[0],
  nodes: nodesOf,
}

function numberOf(value: Value, datatype: 'integer' | 'decimal', name: string): number {
  if (typeof value === 'number') return datatype === 'integer' ? Math.trunc(value) : value
  const text = textOf(value).trim()
  const form = datatype === 'integer' ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
  if (!form.test(text))
    throw faults.valueNotConverted({ name, datatype: datatype === 'integer' ? 'whole number' : 'number' })
  return Number(text)
}

function nodesOf(value: Value, name: string): readonly Value[] {
  const nodes: readonly Value[] = Array.isArray(value) ? value : [value]
  if (!nodes.every(isNode)) throw faults.valueNotConverted({ name, datatype: 'XML node' })
  return nodes
}
