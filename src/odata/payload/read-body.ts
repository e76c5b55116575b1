import type { StructuralType, Primitive, PrimitiveProperty, Row } from '../edm.ts'
import { faults } from '../faults.ts'

/**
 * Reads the JSON of an entity, with or without the wrapper `d`, and reports all problems at once. Nulls count as
 * absent; `__metadata` and navigations are left out, except those that the type allows in a deep insert.
 * @throws odata.bodyInvalid, odata.mediaTypeUnsupported
 */
export function readBody(body: Buffer, contentType: string | undefined, type: StructuralType): Row {
  if (contentType !== undefined && !/^application\/json\b/i.test(contentType))
    throw faults.mediaTypeUnsupported({ contentType })
  const problems: string[] = []
  const row = readProperties(entityOf(body), type, problems)
  if (problems.length > 0) throw faults.bodyInvalid({ problems })
  return row
}

type Readable = Pick<StructuralType, 'name' | 'properties' | 'navigations' | 'deepInsert'>

function readProperties(entity: object, type: Readable, problems: string[]): Row {
  const row: Record<string, Primitive> = {}
  for (const [name, value] of Object.entries(entity)) {
    const nested = Object.hasOwn(type.deepInsert ?? {}, name) ? type.deepInsert?.[name] : undefined
    if (nested !== undefined && value !== null) {
      const rows = readNested(name, value, nested, problems)
      if (rows !== undefined) row[name] = JSON.stringify(rows)
      continue
    }
    if (name === '__metadata' || Object.hasOwn(type.navigations ?? {}, name)) continue
    const property = Object.hasOwn(type.properties, name) ? type.properties[name] : undefined
    if (!property) problems.push(`${type.name} has no property '${name}'`)
    if (!property || 'complex' in property || value === null) continue
    const read = readValue(property, value)
    if ('problem' in read) problems.push(`'${name}' ${read.problem}`)
    else row[name] = read.value
  }
  return row
}

/** Entities of a deep insert; undefined for a link to them, as what was read before holds. */
function readNested(name: string, value: unknown, type: Readable, problems: string[]): readonly Row[] | undefined {
  if (isObject(value) && '__deferred' in value) return undefined
  const list: unknown = isObject(value) && 'results' in value ? value.results : value
  if (Array.isArray(list) && list.every(isObject)) return list.map((each) => readProperties(each, type, problems))
  problems.push(`'${name}' must be a list of objects`)
  return undefined
}

function entityOf(body: Buffer): object {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw faults.bodyInvalid({ problems: ['it is not JSON'] }, { cause })
  }
  const inner = isObject(parsed) && 'd' in parsed && isObject(parsed.d) ? parsed.d : parsed
  if (!isObject(inner)) throw faults.bodyInvalid({ problems: ['it must be a JSON object'] })
  return inner
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readValue(
  { type, maxLength = Infinity }: PrimitiveProperty,
  value: unknown,
): { readonly value: Primitive } | { readonly problem: string } {
  switch (type) {
    case 'Edm.Boolean':
      return typeof value === 'boolean' ? { value } : { problem: 'must be true or false' }
    case 'Edm.Int32':
      return Number.isInteger(value) ? { value: value as number } : { problem: 'must be a whole number' }
    case 'Edm.Int64':
      return /^-?\d{1,19}$/.test(String(value))
        ? { value: BigInt(String(value)) }
        : { problem: 'must be a whole number, as text' }
    case 'Edm.DateTime': {
      const time = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(String(value))?.[1]
      return time === undefined ? { problem: 'must be a time such as /Date(1767225600000)/' } : { value: Number(time) }
    }
    default:
      if (typeof value !== 'string') return { problem: 'must be text' }
      return value.length > maxLength ? { problem: `is longer than ${maxLength} characters` } : { value }
  }
}
