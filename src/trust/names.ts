import { contentOf, type Der, DerError, elementsOf, expect, oidOf, tags, wholeOf } from './der.ts'

/** A distinguished name in a form in which equal names are equal texts (RFC 5280, 7.1; RFC 4518). */
export interface Name {
  readonly key: string
  /** One text for each RDN, in the order of the certificate; a directoryName constraint is a beginning of it. */
  readonly rdns: readonly string[]
  /** Values of emailAddress attributes, which constraints on mail addresses hold for, too. */
  readonly emails: readonly string[]
  /** For people: most specific part first, as RFC 4514 writes it. */
  readonly text: string
}

const emailAddress = '1.2.840.113549.1.9.1'
const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
  [emailAddress]: 'E',
}

const printable = 0x13
const teletex = 0x14
const ia5 = 0x16
const universal = 0x1c
const bmp = 0x1e

/** The text of a string type; undefined for types that are none, and then their bytes are what is compared. */
function textOf(value: Der): string | undefined {
  const content = contentOf(value)
  switch (value.tag) {
    case tags.utf8String: {
      const text = content.toString('utf8')
      if (text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(content)) throw new DerError('text is no UTF-8')
      return text
    }
    case printable:
    case ia5:
    case teletex:
      return content.toString('latin1')
    case bmp:
      if (content.length % 2 === 1) throw new DerError('text of half a character')
      return Buffer.from(content).swap16().toString('utf16le')
    case universal:
      if (content.length % 4 !== 0) throw new DerError('text of half a character')
      return String.fromCodePoint(
        ...Array.from({ length: content.length / 4 }, (_, at) => Math.min(content.readUInt32BE(at * 4), 0x10_ffff)),
      )
    default:
      return undefined
  }
}

const plain = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/
// The same preparation as of names that people write: without case, without surplus blanks, compatible characters alike.
const prepared = (text: string): string =>
  plain.test(text) ? text.toLowerCase() : text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()

const escaped = (text: string): string =>
  text.replaceAll(/[\\,+"<>;=]/g, String.raw`\$&`).replaceAll(/[\x00-\x1f\x7f]/g, '?')

interface Attribute {
  readonly key: string
  readonly text: string
  readonly email: string | undefined
}

function attributeOf(der: Der): Attribute {
  const [type, value, more] = elementsOf(expect(der, tags.sequence))
  if (value === undefined || more !== undefined) throw new DerError('an attribute without a value')
  const oid = oidOf(type)
  const text = textOf(value)
  const compared = text === undefined ? `#${wholeOf(value).toString('hex')}` : prepared(text)
  return {
    // The length keeps values from running into each other, whatever they are made of.
    key: `${oid}=${compared.length}:${compared}`,
    text: `${shortNames[oid] ?? oid}=${escaped(text ?? compared)}`,
    email: oid === emailAddress ? text : undefined,
  }
}

/** One RelativeDistinguishedName. @throws DerError */
export function rdnOf(der: Der): { readonly key: string; readonly text: string; readonly emails: readonly string[] } {
  const attributes = elementsOf(der).map(attributeOf)
  if (attributes.length === 0) throw new DerError('a name with an empty part')
  const keys = attributes.map(({ key }) => key)
  return {
    key: keys.length === 1 ? (keys[0] ?? '') : keys.sort().join('+'),
    text: attributes.map(({ text }) => text).join('+'),
    emails: attributes.flatMap(({ email }) => email ?? []),
  }
}

/** @throws DerError */
export function nameOf(der: Der | undefined): Name {
  const parts = elementsOf(expect(der, tags.sequence)).map((rdn) => rdnOf(expect(rdn, tags.set)))
  const rdns = parts.map(({ key }) => key)
  const texts = parts.map(({ text }) => text).reverse()
  return {
    key: rdns.join('\n'),
    rdns,
    emails: parts.flatMap(({ emails }) => emails),
    text: texts.join(',') || 'an empty name',
  }
}

/** One GeneralName (RFC 5280, 4.2.1.6). Of a form not looked into, `value` is its whole DER in hex. */
export type GeneralName =
  | { readonly form: 'email' | 'dns' | 'uri' | 'other'; readonly value: string }
  | { readonly form: 'ip'; readonly value: Buffer }
  | { readonly form: 'directory'; readonly value: Name }

/** @throws DerError */
export function generalNameOf(der: Der): GeneralName {
  switch (der.tag) {
    case 0x81:
      return { form: 'email', value: ia5Of(der) }
    case 0x82:
      return { form: 'dns', value: ia5Of(der) }
    case 0x86:
      return { form: 'uri', value: ia5Of(der) }
    case 0x87:
      return { form: 'ip', value: contentOf(der) }
    case 0xa4: {
      const [name, more] = elementsOf(der)
      if (more !== undefined) throw new DerError('two names where one is expected')
      return { form: 'directory', value: nameOf(name) }
    }
    // otherName, x400Address, ediPartyName, registeredID
    case 0xa0:
    case 0xa3:
    case 0xa5:
    case 0x88:
      return { form: 'other', value: `${der.tag}:${wholeOf(der).toString('hex')}` }
    default:
      throw new DerError('a name of an unknown form')
  }
}

function ia5Of(der: Der): string {
  const content = contentOf(der)
  if (content.some((octet) => octet > 0x7f)) throw new DerError('a name with characters outside ASCII')
  return content.toString('latin1')
}

/** At least one GeneralName. @throws DerError */
export function generalNamesOf(elements: readonly Der[]): readonly GeneralName[] {
  if (elements.length === 0) throw new DerError('an empty list of names')
  return elements.map(generalNameOf)
}
