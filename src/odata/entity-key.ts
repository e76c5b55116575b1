import type { StructuralType, PrimitiveProperty, Row } from './edm.ts'
import { faults } from './faults.ts'
import type { Literal } from './literal.ts'
import type { Segment } from './resource-path.ts'

/**
 * The key of a segment by property name, checked against the type.
 * @throws odata.keyMismatch
 */
export function keyOf(type: StructuralType, given: NonNullable<Segment['key']>): Row {
  const mismatch = () => faults.keyMismatch({ type: type.name, expected: expectedKey(type) })
  const [first] = type.key
  if ('single' in given) {
    if (type.key.length !== 1 || first === undefined) throw mismatch()
    return { [first]: keyValue(type, first, given.single) ?? raise(mismatch()) }
  }
  if (given.named.size !== type.key.length) throw mismatch()
  const entries = type.key.map((property) => {
    const literal = given.named.get(property)
    return [property, (literal && keyValue(type, property, literal)) ?? raise(mismatch())]
  })
  return Object.fromEntries(entries)
}

/** `('x')` or `(Id='x',Version='active')`: the key of an entity as it stands in an address, percent-encoded. */
export function keyPredicate(type: StructuralType, row: Row): string {
  const written = type.key.map((property) => {
    const value = row[property]
    const isLong = (type.properties[property] as PrimitiveProperty).type === 'Edm.Int64'
    const literal = typeof value === 'string' ? quoted(value) : `${valueText(value)}${isLong ? 'L' : ''}`
    return type.key.length === 1 ? literal : `${property}=${literal}`
  })
  return `(${written.join(',')})`
}

const quoted = (value: string): string => `'${encodeURIComponent(value.replaceAll("'", "''"))}'`

// Keys are never complex values.
const valueText = (value: Row[string]): string => `${value as number}`

const raise = (fault: Error): never => {
  throw fault
}

function expectedKey({ key, properties }: StructuralType): string {
  const example = (property: string) =>
    (properties[property] as PrimitiveProperty).type === 'Edm.String' ? "'…'" : '1'
  return key.length === 1
    ? `(${example(key[0] ?? '')})`
    : `(${key.map((property) => `${property}=${example(property)}`).join(',')})`
}

function keyValue(type: StructuralType, property: string, { value }: Literal) {
  const declared = (type.properties[property] as PrimitiveProperty).type
  if (declared === 'Edm.String') return typeof value === 'string' ? value : undefined
  if (declared === 'Edm.Int64')
    return typeof value === 'bigint' ? value : Number.isInteger(value) ? BigInt(value as number) : undefined
  return Number.isInteger(value) ? value : undefined
}
