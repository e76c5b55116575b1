/** Names that mean the same attribute type, by their short name (RFC 4519, RFC 2985). */
const aliases: Readonly<Record<string, string>> = {
  EMAILADDRESS: 'E',
  EMAIL: 'E',
  '1.2.840.113549.1.9.1': 'E',
  COMMONNAME: 'CN',
  '2.5.4.3': 'CN',
  SURNAME: 'SN',
  '2.5.4.4': 'SN',
  SERIALNUMBER: 'SERIALNUMBER',
  '2.5.4.5': 'SERIALNUMBER',
  COUNTRYNAME: 'C',
  '2.5.4.6': 'C',
  LOCALITYNAME: 'L',
  '2.5.4.7': 'L',
  STATEORPROVINCENAME: 'ST',
  S: 'ST',
  '2.5.4.8': 'ST',
  STREETADDRESS: 'STREET',
  '2.5.4.9': 'STREET',
  ORGANIZATIONNAME: 'O',
  '2.5.4.10': 'O',
  ORGANIZATIONALUNITNAME: 'OU',
  '2.5.4.11': 'OU',
  DOMAINCOMPONENT: 'DC',
  '0.9.2342.19200300.100.1.25': 'DC',
  USERID: 'UID',
  '0.9.2342.19200300.100.1.1': 'UID',
}

/**
 * A distinguished name out of the form in which Node gives it (one line per RDN, as encoded) in the form the original
 * shows: most specific first, separated by commas, without blanks (RFC 4514).
 */
export const dnOfLines = (lines: string): string =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(/(?<!\\)((?:\\\\)*) \+ /g, '$1+'))
    .reverse()
    .join(',')

/**
 * A form of a distinguished name in which equal names are equal texts: types by their short names, values without
 * case and without surplus blanks (RFC 4518), order of RDNs kept, parts of a multi-valued RDN sorted. Undefined when
 * the text is no distinguished name, and then it equals nothing.
 */
export function canonicalDn(text: string): string | undefined {
  const rdns: string[] = []
  let parts: string[] = []
  let rest = text.trim()
  if (rest === '') return undefined
  for (;;) {
    const type = /^\s*(?:OID\.)?([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*/i.exec(rest)
    if (type === null) return undefined
    const value = readValue(rest.slice(type[0].length))
    if (value === undefined) return undefined
    const name = type[1]?.toUpperCase() ?? ''
    parts.push(`${aliases[name] ?? name}=${JSON.stringify(prepared(value.text))}`)
    rest = value.rest
    if (rest.startsWith('+')) {
      rest = rest.slice(1)
      continue
    }
    rdns.push(parts.sort().join('+'))
    parts = []
    if (rest === '') return rdns.join(',')
    rest = rest.slice(1)
  }
}

const prepared = (value: string): string => value.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()

/** Reads one value up to an unescaped `,`, `;` or `+`, quoted or not. */
function readValue(from: string): { readonly text: string; readonly rest: string } | undefined {
  const quoted = from.startsWith('"')
  const bytes: Buffer[] = []
  let at = quoted ? 1 : 0
  for (; at < from.length; at++) {
    const character = from.charAt(at)
    if (character === '\\') {
      const hex = /^[0-9a-fA-F]{2}/.exec(from.slice(at + 1))?.[0]
      const escaped = from.charAt(at + 1)
      if (escaped === '') return undefined
      bytes.push(hex === undefined ? Buffer.from(escaped, 'utf8') : Buffer.from(hex, 'hex'))
      at += hex === undefined ? 1 : 2
    } else if (quoted ? character === '"' : /[,;+]/.test(character)) break
    else {
      const whole = String.fromCodePoint(from.codePointAt(at) ?? 0)
      bytes.push(Buffer.from(whole, 'utf8'))
      at += whole.length - 1
    }
  }
  const text = Buffer.concat(bytes).toString('utf8')
  if (!quoted) return { text, rest: from.slice(at) }
  const rest = from.slice(at + 1).trimStart()
  return at < from.length && /^(?:$|[,;+])/.test(rest) ? { text, rest } : undefined
}

/** Two names as one key; undefined when one of them is no distinguished name. */
export function pairOf(subject: string, issuer: string): string | undefined {
  const [one, other] = [canonicalDn(subject), canonicalDn(issuer)]
  return one === undefined || other === undefined ? undefined : `${one}\n${other}`
}
