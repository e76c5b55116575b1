import { faults } from './faults.ts'
import { mimeParameter, parseMimeHeader } from './mime-header.ts'

/** One part of a multipart message: its headers as written, its content decoded. */
export interface MimePart {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly content: Buffer
}

const partLimit = 1_000
/** Bytes of the headers of one part. */
const headersLimit = 64 * 1024

/**
 * Reads the parts between the boundaries (RFC 2046 5.1); what stands before the first and after the last is left out.
 * Lines may end with CRLF or LF.
 * @throws formats.multipartMalformed, formats.tooManyParts
 */
export function readMultipart(bytes: Buffer, boundary: string): readonly MimePart[] {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1')
  const parts: MimePart[] = []
  let start: number | undefined
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + 1)) {
    const line = delimiterLine(bytes, at, delimiter.length)
    if (line === undefined) continue
    if (start !== undefined) {
      if (parts.length === partLimit) throw faults.tooManyParts({ limit: partLimit })
      parts.push(readMimePart(bytes.subarray(start, Math.max(start, beforeLineEnd(bytes, at)))))
    }
    if (line.last) return parts
    start = line.end
  }
  throw faults.multipartMalformed({
    why: start === undefined ? 'no boundary is found' : 'the last boundary is missing',
  })
}

/** Where a delimiter stands at the begin of a line of its own: its end, and whether it is the last one. */
function delimiterLine(bytes: Buffer, at: number, length: number) {
  if (at > 0 && bytes[at - 1] !== 0x0a) return undefined
  const after = bytes.indexOf(0x0a, at)
  const end = after < 0 ? bytes.length : after + 1
  // A line far longer than a delimiter is content; it is not even looked at.
  if (end - at > length + 200) return undefined
  const rest = bytes.subarray(at + length, end).toString('latin1')
  return /^(?:--)?[ \t]*\r?\n?$/.test(rest) ? { end, last: rest.startsWith('--') } : undefined
}

/** The line end before a delimiter belongs to the delimiter. */
const beforeLineEnd = (bytes: Buffer, at: number): number => (bytes[at - 2] === 0x0d ? at - 2 : at - 1)

/** Reads headers, a blank line and the content, which is decoded. @throws formats.multipartMalformed */
export function readMimePart(bytes: Buffer): MimePart {
  const { head, content } = splitHead(bytes)
  const headers: [string, string][] = []
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    if (line === '') continue
    const [, name, value] = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      throw faults.multipartMalformed({ why: 'a line among the headers of a part is no header' })
    }
    headers.push([name, value.trim()])
  }
  return { headers, content: decoded(content, headerOf({ headers }, 'Content-Transfer-Encoding') ?? '') }
}

function splitHead(bytes: Buffer): { readonly head: string; readonly content: Buffer } {
  const first = /^\r?\n/.exec(bytes.subarray(0, 2).toString('latin1'))?.[0]
  if (first !== undefined) return { head: '', content: bytes.subarray(first.length) }
  const start = bytes.subarray(0, headersLimit).toString('latin1')
  const gap = /\r?\n\r?\n/.exec(start)
  if (gap === null && bytes.length > headersLimit) {
    throw faults.multipartMalformed({ why: `the headers of a part are longer than ${headersLimit} bytes` })
  }
  const end = gap?.index ?? bytes.length
  return { head: bytes.subarray(0, end).toString('utf8'), content: bytes.subarray(end + (gap?.[0].length ?? 0)) }
}

function decoded(content: Buffer, encoding: string): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(content.toString('latin1'), 'base64')
    case 'quoted-printable':
      return fromQuotedPrintable(content)
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return content
    default:
      throw faults.multipartMalformed({ why: 'a part has a Content-Transfer-Encoding that is not known' })
  }
}

const fromQuotedPrintable = (content: Buffer): Buffer =>
  Buffer.from(
    content
      .toString('latin1')
      .replace(/[ \t]+(?=\r?\n|$)/g, '')
      .replace(/=\r?\n/g, '')
      .replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

/** The first header of this name, compared without case. */
export const headerOf = ({ headers }: Pick<MimePart, 'headers'>, name: string): string | undefined =>
  headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1]

/** The name a part goes by: its file name, else its content id without brackets; undefined where it has neither. */
export function partName(part: MimePart): string | undefined {
  const disposition = parseMimeHeader(headerOf(part, 'Content-Disposition') ?? '')
  const type = parseMimeHeader(headerOf(part, 'Content-Type') ?? '')
  return (
    disposition.parameters.get('filename') ??
    type.parameters.get('name') ??
    headerOf(part, 'Content-ID')?.replace(/^<(.+)>$/, '$1')
  )
}

/** Writes parts one after the other between boundaries; text of plain ASCII stays readable, all else is Base64. */
export function writeMultipart(parts: readonly MimePart[], boundary: string): Buffer {
  const line = (text: string) => Buffer.from(`${text}\r\n`, 'utf8')
  const blocks = parts.flatMap(({ headers, content }) => {
    const plain = isPlain(content)
    return [
      line(`--${boundary}`),
      ...headers.map(([name, value]) => line(`${name}: ${value.replace(/[\r\n\0]+/g, ' ')}`)),
      line(`Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}`),
      line(''),
      plain ? content : Buffer.from(foldedBase64(content)),
      line(''),
    ]
  })
  return Buffer.concat([...blocks, line(`--${boundary}--`)])
}

// 7bit means ASCII in lines that end with CRLF and hold at most 998 characters (RFC 2045 2.7).
const isPlain = (content: Buffer): boolean => {
  const text = content.toString('latin1')
  return !/[^\t\r\n\x20-\x7e]|\r(?!\n)|(?<!\r)\n/.test(text) && text.split('\r\n').every(({ length }) => length <= 998)
}

const foldedBase64 = (content: Buffer): string => content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')

/** The value of a Content-Disposition header for an attachment of this name. */
export const attachmentDisposition = (name: string): string => `attachment${mimeParameter('filename', name)}`
