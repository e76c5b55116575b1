import { faults } from './faults.ts'

/** A stretch of a `.properties` file: one entry, or comments and blank lines between entries. `text` is as it stood. */
export type PropertiesPart =
  | { readonly key: string; readonly value: string; readonly text: string }
  | { readonly key: undefined; readonly text: string }

/**
 * Reads a `.properties` file as java.util.Properties does, keeping comments and order. Bytes are ISO-8859-1.
 * @throws formats.propertiesMalformed where a `\u` escape is not followed by four hex digits
 */
export function parseProperties(input: string | Uint8Array): readonly PropertiesPart[] {
  const text = typeof input === 'string' ? input : Buffer.from(input).toString('latin1')
  const parts: PropertiesPart[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const { logical, end } = logicalLine(text, at)
    const raw = text.slice(at, end)
    parts.push(logical === '' ? { key: undefined, text: raw } : { ...entryOf(logical, line), text: raw })
    line += raw.split(/\r\n|\r|\n/).length - 1
    at = end
  }
  return parts
}

/** Key to value; of a key that stands twice, the last counts. */
export function propertiesOf(parts: readonly PropertiesPart[]): ReadonlyMap<string, string> {
  return new Map(parts.flatMap((part) => (part.key === undefined ? [] : [[part.key, part.value]])))
}

/**
 * The file with some values changed, added (new keys go to the end) or removed (`undefined`). Whatever does not
 * change keeps its text, comments included.
 */
export function changeProperties(
  parts: readonly PropertiesPart[],
  changes: ReadonlyMap<string, string | undefined>,
): readonly PropertiesPart[] {
  const current = propertiesOf(parts)
  const changed = new Map([...changes].filter(([key, value]) => current.get(key) !== value))
  const kept = parts.flatMap((part) => {
    if (part.key === undefined || !changed.has(part.key)) return [part]
    const value = changed.get(part.key)
    return value === undefined ? [] : [entry(part.key, value)]
  })
  const added = [...changed].flatMap(([key, value]) =>
    value === undefined || current.has(key) ? [] : [entry(key, value)],
  )
  return [...kept, ...added]
}

/** The text of a `.properties` file, in ASCII. */
export function writeProperties(parts: readonly PropertiesPart[]): string {
  let text = ''
  for (const part of parts) {
    // Only the last line of a file may lack its end; something may have been added after it.
    if (text !== '' && !/[\r\n]$/.test(text)) text += '\n'
    text += part.text
  }
  return text
}

const entry = (key: string, value: string): PropertiesPart => ({
  key,
  value,
  text: `${escape(key).replaceAll(' ', '\\ ')}=${escape(value).replace(/^ /, '\\ ')}\n`,
})

const shortEscapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' }

const escape = (text: string): string =>
  text
    .replace(/[\\=:#!]/g, '\\$&')
    .replace(/[\t\n\r\f]/g, (character) => shortEscapes[character] ?? character)
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)

/**
 * Joins the natural lines from `start` on to one logical line, as Java's reader does: white space before a line is
 * skipped, a backslash before its end continues it, and '#' or '!' as the first character makes it a comment, which
 * cannot be continued. The logical line is '' for comments and blank lines.
 */
function logicalLine(text: string, start: number): { readonly logical: string; readonly end: number } {
  let logical = ''
  let at = start
  for (;;) {
    at = skip(text, at, /[ \t\f]*/y)
    if (logical === '' && (text[at] === '#' || text[at] === '!')) {
      return { logical: '', end: skip(text, skip(text, at, /[^\r\n]*/y), /\r\n|\r|\n|/y) }
    }
    const lineEnd = skip(text, at, /[^\r\n]*/y)
    const natural = text.slice(at, lineEnd)
    at = skip(text, lineEnd, /\r\n|\r|\n|/y)
    const continued = (/\\*$/.exec(natural)?.[0].length ?? 0) % 2 === 1
    logical += continued ? natural.slice(0, -1) : natural
    if (!continued || at >= text.length) return { logical, end: at }
  }
}

/** The position after what the sticky pattern matches at `from`. */
function skip(text: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from
  return from + (pattern.exec(text)?.[0].length ?? 0)
}

function entryOf(logical: string, line: number): { readonly key: string; readonly value: string } {
  const match = /^((?:[^\\=: \t\f]|\\.)*)[ \t\f]*(?:[=:][ \t\f]*)?/s.exec(logical)
  const key = match?.[1] ?? ''
  return { key: unescape(key, line), value: unescape(logical.slice(match?.[0].length), line) }
}

const characters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

const unescape = (text: string, line: number): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, character: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    if (character === 'u') throw faults.propertiesMalformed({ line }, { place: { line } })
    return characters[character] ?? character
  })
