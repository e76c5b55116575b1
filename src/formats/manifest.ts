import { faults } from './faults.ts'

/** A header of a manifest's main section. `text` is as it stood, folded and with its line ends. */
interface Header {
  readonly name: string
  readonly value: string
  readonly text: Buffer
}

/** A `MANIFEST.MF` as read. */
export interface Manifest {
  readonly headers: readonly Header[]
  /** Everything from the blank line after the main section on, as it stood. */
  readonly rest: Buffer
}

/**
 * Reads the main section of a manifest (JAR File Specification): lines folded at 72 bytes are joined before the bytes
 * are decoded, because a fold may stand within a character.
 * @throws formats.manifestMalformed
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const headers: { name: string; bytes: Buffer[]; text: Buffer[] }[] = []
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  for (let line = 1; at < source.length; line++) {
    const { content, end } = lineAt(source, at)
    if (content.length === 0) break
    const last = headers.at(-1)
    const raw = source.subarray(at, end)
    if (content[0] === 0x20) {
      if (last === undefined) throw malformed(line, 'it begins with a continuation line')
      last.bytes.push(content.subarray(1))
      last.text.push(raw)
    } else {
      const name = /^([A-Za-z0-9_-]{1,70}):/.exec(content.toString('latin1'))?.[1]
      if (name === undefined) throw malformed(line, 'the line is no header of the form `Name: value`')
      if (headers.some((header) => header.name.toLowerCase() === name.toLowerCase())) {
        throw malformed(line, `the header ${name} stands twice`)
      }
      const value = content.subarray(name.length + (content[name.length + 1] === 0x20 ? 2 : 1))
      headers.push({ name, bytes: [value], text: [raw] })
    }
    at = end
  }
  return {
    headers: headers.map(({ name, bytes: parts, text }) => ({
      name,
      value: Buffer.concat(parts).toString('utf8'),
      text: Buffer.concat(text),
    })),
    rest: source.subarray(at),
  }
}

/** Name to value, names as written. */
export const headersOf = (manifest: Manifest): ReadonlyMap<string, string> =>
  new Map(manifest.headers.map(({ name, value }) => [name, value]))

/** The manifest with some headers changed or added. What does not change keeps its bytes. */
export function changeManifest(manifest: Manifest, changes: ReadonlyMap<string, string>): Manifest {
  const left = new Map(changes)
  const headers = manifest.headers.map((header) => {
    const [name, value] = [...left].find(([key]) => key.toLowerCase() === header.name.toLowerCase()) ?? []
    if (name === undefined || value === undefined) return header
    left.delete(name)
    return value === header.value ? header : newHeader(header.name, value)
  })
  return { headers: [...headers, ...[...left].map(([name, value]) => newHeader(name, value))], rest: manifest.rest }
}

/** A manifest of these headers. */
export const newManifest = (headers: Iterable<readonly [string, string]>): Manifest => ({
  headers: [...headers].map(([name, value]) => newHeader(name, value)),
  rest: Buffer.from('\r\n'),
})

/** The bytes of a manifest; new headers are folded at 72 bytes, line end included, never within a character. */
export function writeManifest({ headers, rest }: Manifest): Buffer {
  const parts: Buffer[] = []
  for (const { text } of headers) parts.push(text, endsLine(text) ? Buffer.alloc(0) : Buffer.from('\r\n'))
  return Buffer.concat([...parts, rest])
}

const endsLine = (text: Buffer): boolean => text.at(-1) === 0x0a || text.at(-1) === 0x0d

const malformed = (line: number, why: string) => faults.manifestMalformed({ line, why }, { place: { line } })

function lineAt(bytes: Buffer, start: number): { readonly content: Buffer; readonly end: number } {
  let at = start
  while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++
  const end = at + (bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? 2 : 1)
  return { content: bytes.subarray(start, at), end: Math.min(end, bytes.length) }
}

function newHeader(name: string, value: string): Header {
  // A header cannot hold a line break: it would begin a header of its own.
  const line = `${name}: ${value.replaceAll(/[\r\n\0]+/g, ' ')}`
  const lines: string[] = []
  let current = ''
  for (const character of line) {
    if (Buffer.byteLength(current) + Buffer.byteLength(character) > 70) {
      lines.push(current)
      current = ' '
    }
    current += character
  }
  return { name, value, text: Buffer.from([...lines, current].map((part) => `${part}\r\n`).join('')) }
}
