import type { StructuralType, Primitive, PrimitiveProperty, Row } from '../edm.ts'
import { faults } from '../faults.ts'

/**
 * The declaration of a property by its path, such as `Name` or `IntegrationArtifact/Id`.
 * @throws odata.propertyUnknown
 */
export function propertyAt(type: StructuralType, path: string): PrimitiveProperty {
  const [first = '', second, ...more] = path.split('/')
  const outer = Object.hasOwn(type.properties, first) ? type.properties[first] : undefined
  const inner =
    outer && 'complex' in outer && second !== undefined && Object.hasOwn(outer.complex.properties, second)
      ? outer.complex.properties[second]
      : undefined
  const found = second === undefined ? outer : inner
  if (!found || 'complex' in found || more.length > 0) throw faults.propertyUnknown({ property: path, type: type.name })
  return found
}

/** The value of a row at a path; null where there is none. */
export function valueAt(row: Row, path: string): Primitive {
  let value: Primitive | Row | undefined = row
  for (const name of path.split('/')) {
    if (value === null || typeof value !== 'object') return null
    value = value[name]
  }
  return value === undefined || (typeof value === 'object' && value !== null) ? null : value
}
