import { Fault } from '../base/index.ts'
import { faults } from './faults.ts'
import { compileRegex, type Regex } from './regex.ts'

/**
 * Compiles a list of allowed headers: names or regular expressions separated by `|` (with `commas` also by commas),
 * compared without case with the whole name. `*` alone allows all, the empty list none.
 * @throws languages.headerPatternMalformed
 */
export function compileHeaderFilter(
  list: string,
  given: { readonly commas?: boolean } = {},
): (name: string) => boolean {
  const entries = splitEntries(list, given.commas === true ? '|,' : '|')
  if (entries.length === 0) return () => false
  if (entries.includes('*')) return () => true
  const names = new Set<string>()
  const patterns: Regex[] = []
  for (const entry of entries) {
    if (/^[\w-]+$/.test(entry)) names.add(entry.toLowerCase())
    else patterns.push(compileEntry(entry))
  }
  return (name) => names.has(name.toLowerCase()) || patterns.some((pattern) => pattern.matches(name))
}

function compileEntry(entry: string): Regex {
  try {
    return compileRegex(entry, { ignoreCase: true })
  } catch (cause) {
    const why = cause instanceof Fault && typeof cause.details['why'] === 'string' ? cause.details['why'] : ''
    throw faults.headerPatternMalformed({ entry, why }, { cause })
  }
}

/** Splits at separators that stand outside of brackets: `X-(A|B)` is one entry. */
function splitEntries(list: string, separators: string): string[] {
  const entries: string[] = []
  let entry = ''
  let depth = 0
  for (let at = 0; at < list.length; at++) {
    const char = list.charAt(at)
    if (char === '\\') {
      entry += list.slice(at, at + 2)
      at++
      continue
    }
    if ('([{'.includes(char)) depth++
    else if (')]}'.includes(char)) depth--
    if (depth <= 0 && separators.includes(char)) {
      entries.push(entry)
      entry = ''
    } else entry += char
  }
  return [...entries, entry].map((text) => text.trim()).filter((text) => text !== '')
}
