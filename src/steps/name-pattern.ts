/** Tells which names a Delete row means: one name, or all that match. */
export type NamePattern = { readonly exact: string } | { readonly matches: (name: string) => boolean }

/**
 * Reads the name of a Delete row: `$name=x` or `x` is one name; `$include=x-*`, or a name with `*`, is a pattern in
 * which `*` stands for any characters and case does not matter.
 */
export function readNamePattern(written: string): NamePattern {
  const include = written.startsWith('$include=')
  const name = written.replace(/^\$(?:include|name)=/, '')
  if (!include && !name.includes('*')) return { exact: name }
  const parts = name.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const form = new RegExp(`^${parts.join('.*')}$`, 'is')
  return { matches: (candidate) => form.test(candidate) }
}
