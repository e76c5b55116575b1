/** The elements of a list, a set or the nodes of a NodeList; undefined for anything else. */
export function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (value instanceof Set) return [...value]
  return undefined
}
