/** A structured header such as Content-Type: its value in lower case, and its parameters by lower-case name. */
export interface MimeHeader {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Reads `value; name=token; name="quoted \" text"; name*=utf-8''percent` (RFC 2045 5.1, RFC 2231 4). */
export function parseMimeHeader(text: string): MimeHeader {
  const value = (/^[^;]*/.exec(text)?.[0] ?? '').trim().toLowerCase()
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, token = ''] of text.matchAll(
    /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g,
  )) {
    const written = quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1')
    const extended = name.endsWith('*')
    const plain = (extended ? name.slice(0, -1) : name).toLowerCase()
    // The extended form names the same in more letters, so it wins wherever it stands.
    if (extended) parameters.set(plain, extendedValue(written))
    else if (!parameters.has(plain)) parameters.set(plain, written)
  }
  return { value, parameters }
}

function extendedValue(written: string): string {
  const [, charset = 'utf-8', encoded = written] = /^([^']*)'[^']*'(.*)$/.exec(written) ?? []
  const bytes = encoded.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  try {
    return new TextDecoder(charset).decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return written
  }
}

/** `; name="value"`, in the extended form where the value is not plain ASCII. */
export const mimeParameter = (name: string, value: string): string =>
  /^[\x20-\x7e]*$/.test(value)
    ? `; ${name}="${value.replace(/["\\]/g, '\\$&')}"`
    : `; ${name}*=utf-8''${encodeURIComponent(value.replace(/[\r\n]/g, ' ')).replace(/['()*!]/g, percent)}`

const percent = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
