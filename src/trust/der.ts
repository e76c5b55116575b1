/** Bytes that are no DER (X.690, section 10), or not the structure that was expected; never leaves this room. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One element: its tag octet and where its content lies in the bytes it was read from. */
export interface Der {
  readonly tag: number
  readonly bytes: Buffer
  /** Where the element begins, tag included. */
  readonly start: number
  /** Where its content begins. */
  readonly from: number
  readonly to: number
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nothing: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The element at an offset; definite lengths in their shortest form only. @throws DerError */
function elementAt(bytes: Buffer, at: number, end: number): Der {
  if (at + 2 > end) throw new DerError('an element is cut off')
  const tag = bytes[at] ?? 0
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of several octets')
  let length = bytes[at + 1] ?? 0
  let from = at + 2
  if (length >= 0x80) {
    const octets = length & 0x7f
    if (octets === 0 || octets > 4) throw new DerError('an indefinite or enormous length')
    if (from + octets > end) throw new DerError('a length is cut off')
    length = bytes.readUIntBE(from, octets)
    if (length < 0x80 || (octets > 1 && bytes[from] === 0)) throw new DerError('a length not in its shortest form')
    from += octets
  }
  if (from + length > end) throw new DerError('an element is longer than what it is in')
  return { tag, bytes, start: at, from, to: from + length }
}

/** The one element that these bytes are, with nothing after it. @throws DerError */
export function readDer(bytes: Buffer, tag: number = tags.sequence): Der {
  const whole = elementAt(bytes, 0, bytes.length)
  if (whole.to !== bytes.length) throw new DerError('there are bytes after the end')
  return expect(whole, tag)
}

/** The elements inside a constructed one. @throws DerError */
export function elementsOf(der: Der): Der[] {
  if ((der.tag & 0x20) === 0) throw new DerError('a primitive where a structure is expected')
  const elements: Der[] = []
  for (let at = der.from; at < der.to; ) {
    const element = elementAt(der.bytes, at, der.to)
    elements.push(element)
    at = element.to
  }
  return elements
}

/** The same one after the other, for lists too long to be held at once. @throws DerError */
export function* eachOf(der: Der): Generator<Der> {
  for (let at = der.from; at < der.to; ) {
    const element = elementAt(der.bytes, at, der.to)
    yield element
    at = element.to
  }
}

/** The same element, if it is there and has this tag. @throws DerError */
export function expect(der: Der | undefined, tag: number): Der {
  if (der?.tag !== tag) throw new DerError(`tag ${der?.tag ?? 'nothing'} where ${tag} is expected`)
  return der
}

/** Content without tag and length. */
export const contentOf = (der: Der): Buffer => der.bytes.subarray(der.from, der.to)
/** The element whole, as it was signed or hashed. */
export const wholeOf = (der: Der): Buffer => der.bytes.subarray(der.start, der.to)

/** @throws DerError */
export function booleanOf(der: Der): boolean {
  const value = contentOf(expect(der, tags.boolean))
  if (value.length !== 1 || (value[0] !== 0 && value[0] !== 0xff)) throw new DerError('a boolean that is neither')
  return value[0] === 0xff
}

/** The octets of an INTEGER, two's complement, in the shortest form. @throws DerError */
export function integerOf(der: Der | undefined, tag: number = tags.integer): Buffer {
  const value = contentOf(expect(der, tag))
  const [first, second = 0] = value
  if (first === undefined) throw new DerError('an empty integer')
  const padded = value.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (padded) throw new DerError('an integer not in its shortest form')
  return value
}

/** A number from 0 to 2^31 - 1. @throws DerError */
export function smallOf(der: Der | undefined, tag: number = tags.integer): number {
  const value = integerOf(der, tag)
  if (value.length > 4 || (value[0] ?? 0) >= 0x80) throw new DerError('a number out of range')
  return value.readUIntBE(0, value.length)
}

/** The dotted form of an OBJECT IDENTIFIER. @throws DerError */
export function oidOf(der: Der | undefined): string {
  const { bytes, from, to } = expect(der, tags.oid)
  if (from === to || (bytes[to - 1] ?? 0) >= 0x80) throw new DerError('an object identifier is cut off')
  let text = ''
  let arc = 0
  for (let at = from, begins = true; at < to; at++) {
    const octet = bytes[at] ?? 0
    if (begins && octet === 0x80) throw new DerError('an object identifier not in its shortest form')
    arc = arc * 128 + (octet & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER) throw new DerError('an object identifier with an enormous arc')
    begins = octet < 0x80
    if (!begins) continue
    text = text === '' ? (arc < 80 ? `${Math.floor(arc / 40)}.${arc % 40}` : `2.${arc - 80}`) : `${text}.${arc}`
    arc = 0
  }
  return text
}

/** The octets of a BIT STRING of whole octets, such as a signature. @throws DerError */
export function octetsOfBits(der: Der | undefined): Buffer {
  const value = contentOf(expect(der, tags.bitString))
  if (value[0] !== 0) throw new DerError('bits that are no whole octets')
  return value.subarray(1)
}

/** The named bits that are set, the first of them being bit 0. @throws DerError */
export function namedBitsOf(der: Der | undefined, tag: number = tags.bitString): ReadonlySet<number> {
  const value = contentOf(expect(der, tag))
  const [unused = 8] = value
  const last = value.at(-1) ?? 0
  // The last octet of a named bit list ends with a bit that is set (X.690, 11.2.2).
  const empty = value.length === 1
  if (unused > 7 || (empty && unused > 0) || (!empty && ((last >> unused) & 1) === 0))
    throw new DerError('named bits not in their shortest form')
  const set = new Set<number>()
  for (let bit = 0; bit < (value.length - 1) * 8; bit++)
    if (((value[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) set.add(bit)
  return set
}

/** UTCTime or GeneralizedTime in the forms of RFC 5280, 4.1.2.5, in milliseconds. @throws DerError */
export function timeOf(der: Der | undefined): number {
  const text = der === undefined ? '' : contentOf(der).toString('latin1')
  const digits = der?.tag === tags.utcTime ? 12 : der?.tag === tags.generalizedTime ? 14 : -1
  if (text.length !== digits + 1 || !/^\d+Z$/.test(text)) throw new DerError('a time in no allowed form')
  const short = Number(text.slice(0, 2))
  const year = digits === 14 ? Number(text.slice(0, 4)) : short < 50 ? 2000 + short : 1900 + short
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = [0, 2, 4, 6, 8].map((at) =>
    Number(text.slice(digits - 10 + at, digits - 8 + at)),
  )
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second)
  const real = time.getUTCMonth() === month - 1 && time.getUTCDate() === day
  if (!real || hour > 23 || minute > 59 || second > 59) throw new DerError('a time that does not exist')
  return time.getTime()
}
