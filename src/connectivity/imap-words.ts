/** A piece of an answer of an IMAP server: an atom, a string (literals are put in as strings), NIL, or a list. */
export type ImapWord = string | undefined | readonly ImapWord[]

/** The words of one answer (RFC 9051, 9). `literals` stand where the line says `{n}`, in order. */
export function imapWords(line: string, literals: readonly string[]): readonly ImapWord[] {
  const tokens = /"((?:\\.|[^"\\])*)"|\{\d+\}|[()]|[^\s()"]+/gs
  const stack: ImapWord[][] = [[]]
  let literal = 0
  for (const [token, quoted] of line.matchAll(tokens)) {
    const top = stack.at(-1) ?? []
    if (token === '(') stack.push([])
    else if (token === ')') {
      if (stack.length === 1) continue
      const list = stack.pop() ?? []
      stack.at(-1)?.push(list)
    } else if (quoted !== undefined) top.push(quoted.replaceAll(/\\(.)/gs, '$1'))
    else if (/^\{\d+\}$/.test(token)) top.push(literals[literal++] ?? '')
    else top.push(token.toUpperCase() === 'NIL' ? undefined : token)
  }
  return stack[0] ?? []
}

/** Modified UTF-7, in which names of folders travel (RFC 3501, 5.1.3). */
export function decodeFolder(name: string): string {
  return name.replaceAll(/&([A-Za-z0-9+,]*)-/g, (whole, coded: string) => {
    if (coded === '') return '&'
    const bytes = Buffer.from(coded.replaceAll(',', '/'), 'base64')
    return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : whole
  })
}

export function encodeFolder(name: string): string {
  return name.replaceAll('&', '&-').replaceAll(/[^\x20-\x7e]+/g, (run) => {
    const coded = Buffer.from(run, 'utf16le').swap16().toString('base64').replace(/=+$/, '').replaceAll('/', ',')
    return `&${coded}-`
  })
}

/** A text as a quoted string; it must hold neither line ends nor NUL. */
export const imapQuoted = (text: string): string => `"${text.replaceAll(/[\r\n\0]/g, '').replaceAll(/["\\]/g, '\\$&')}"`
