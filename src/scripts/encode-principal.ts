/** Made once for each principal: it is the same object for all messages of a caller. */
const known = new WeakMap<object, unknown>()

/**
 * A principal as the typed JSON that the host reads: `p`, its text, and its fields as pairs; those that are unknown
 * here included, as fields are only ever added.
 */
export function encodePrincipal(principal: { readonly name: string }): unknown {
  const before = known.get(principal)
  if (before !== undefined) return before
  const encoded = ['p', principal.name, pairsOf(principal)]
  known.set(principal, encoded)
  return encoded
}

const pairsOf = (facts: object): unknown => Object.entries(facts).map(([name, value]) => [name, encodeFact(value)])

/** Texts stay whole however long they are: parts belong to one frame, and this is sent in many. */
function encodeFact(value: unknown): unknown {
  if (Array.isArray(value)) return ['l', value.map(encodeFact)]
  return typeof value === 'object' && value !== null ? ['m', pairsOf(value)] : (value ?? null)
}
