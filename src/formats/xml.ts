import { type Document, type Node, parseXmlDocument, serializeToWellFormedString } from 'slimdom'

import { faults } from './faults.ts'

/** The most that entities declared inside a document may add to it, in characters. */
const expansionLimit = 1_000_000

/**
 * Parses XML as every part of the product does: strictly, without external entities, with bounded expansion of
 * internal ones. Bytes are decoded by their byte order mark or XML declaration, else as UTF-8.
 * @throws formats.xmlMalformed, formats.xmlEntities
 */
export function parseXml(input: string | Uint8Array): Document {
  const text = typeof input === 'string' ? input : decodeXml(input)
  refuseExpansion(text)
  try {
    return parseXmlDocument(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (cause) {
    const place = positionIn(cause)
    const where = place === undefined ? '' : ` (line ${place.line}, column ${place.column})`
    throw faults.xmlMalformed({ why: `${firstLine(cause)}${where}` }, { cause, place })
  }
}

/** The text of a node, without an XML declaration. */
export function serializeXml(node: Node): string {
  // A carriage return in the tree came from a character reference; written raw it would be read as a line feed.
  return serializeToWellFormedString(node).replaceAll('\r', '&#13;')
}

/** Markup characters replaced, for text and for attribute values in double quotes. */
export const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The predefined entities and character references replaced, once; everything else is kept as it stands. */
export const unescapeXml = (text: string): string =>
  text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return predefined[name] ?? whole
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )

/** The parser tells the position in the words of its error only. */
function positionIn(thrown: unknown): { readonly line: number; readonly column: number } | undefined {
  const [, line, column] = (thrown instanceof Error && /At line (\d+), character (\d+)/.exec(thrown.message)) || []
  return line === undefined ? undefined : { line: Number(line), column: Number(column) }
}

const firstLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''

/** Text of an XML document: decoded by byte order mark or XML declaration, else as UTF-8. @throws formats.xmlMalformed */
export function decodeXml(bytes: Uint8Array): string {
  const [a, b] = bytes
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200)).toString('latin1')
  const charset = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(start)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch (cause) {
    throw faults.xmlMalformed({ why: `its encoding '${charset}' is not known` }, { cause })
  }
}

/**
 * Refuses entity bombs before anything is expanded: the length that each declared entity grows to is added up from
 * the declarations alone.
 */
function refuseExpansion(text: string): void {
  if (!text.includes('<!ENTITY')) return
  const lengths = new Map<string, number>()
  for (const [, name = '', , value] of text.matchAll(
    /<!ENTITY\s+(?:%\s+)?(\S+)\s+(?:(SYSTEM|PUBLIC)\b|["']([^"']*)["'])/g,
  )) {
    if (value === undefined) throw faults.xmlEntities({ name })
    let length = value.length
    for (const [, inner = ''] of value.matchAll(/[&%]([^;#\s]+);/g)) length += lengths.get(inner) ?? 0
    lengths.set(name, length)
    if (length > expansionLimit) throw faults.xmlEntities({ name })
  }
  let total = 0
  for (const [, name = ''] of text.matchAll(/&([^;#\s]+);/g)) total += lengths.get(name) ?? 0
  if (total > expansionLimit) throw faults.xmlEntities({ name: [...lengths.keys()].at(-1) ?? '' })
}
