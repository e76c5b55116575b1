import * as asn1js from 'asn1js'

/** One value of a BER or DER encoding (X.690), with what a reader asks of it. Each question throws on another type. */
export interface Asn1 {
  /** Of a context-specific tag; undefined for all others. */
  readonly tag: number | undefined
  /** The parts of a SEQUENCE, a SET or a constructed tag. */
  readonly parts: () => readonly Asn1[]
  readonly part: (index: number) => Asn1
  /** Content of an OCTET STRING or a tag in its place; put together where BER has it in pieces. */
  readonly octets: () => Buffer
  /** Content of a BIT STRING of whole bytes. */
  readonly bits: () => Buffer
  readonly oid: () => string
  readonly integer: () => number
  /** A BMPString. */
  readonly text: () => string
  /** As it was encoded. */
  readonly bytes: () => Buffer
}

/**
 * Reads one value. Depth, number of parts and length are bounded by the library.
 * @throws Error in the library's words, or when a question does not fit the type
 */
export function readAsn1(bytes: Uint8Array): Asn1 {
  const { offset, result } = asn1js.fromBER(Uint8Array.from(bytes), { parseEmbedded: false })
  if (offset === -1) throw new Error(result.error || 'it is not BER')
  return asn1Of(result)
}

function asn1Of(block: asn1js.AsnType): Asn1 {
  const refuse = (wanted: string): Error => new Error(`there is no ${wanted} where one is due`)
  const { isConstructed, tagClass, tagNumber } = block.idBlock
  const parts = (): readonly Asn1[] => {
    if (!isConstructed) throw refuse('structure')
    return (block.valueBlock as { readonly value: asn1js.AsnType[] }).value.map(asn1Of)
  }
  return {
    tag: tagClass === 3 ? tagNumber : undefined,
    parts,
    part(index) {
      const found = parts()[index]
      if (found === undefined) throw refuse(`part ${index + 1}`)
      return found
    },
    octets() {
      if (!(block instanceof asn1js.OctetString) && tagClass !== 3) throw refuse('octet string')
      if (isConstructed) return Buffer.concat(parts().map((each) => each.octets()))
      return Buffer.from((block.valueBlock as { readonly valueHexView: Uint8Array }).valueHexView)
    },
    bits() {
      if (!(block instanceof asn1js.BitString) || isConstructed || block.valueBlock.unusedBits !== 0)
        throw refuse('bit string')
      return Buffer.from(block.valueBlock.valueHexView)
    },
    oid() {
      if (!(block instanceof asn1js.ObjectIdentifier)) throw refuse('object identifier')
      return block.getValue()
    },
    integer() {
      if (!(block instanceof asn1js.Integer)) throw refuse('number')
      const value = Number(block.toBigInt())
      if (!Number.isSafeInteger(value)) throw refuse('number of usual size')
      return value
    },
    text() {
      if (!(block instanceof asn1js.BmpString)) throw refuse('text')
      return block.getValue()
    },
    bytes: () => Buffer.from(block.valueBeforeDecodeView),
  }
}

/** One value: tag, length in the shortest form, content. */
function valueOf(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length =
    size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : size < 0x1_0000 ? [0x82, size >> 8, size & 0xff] : []
  if (length.length === 0) throw new RangeError(`a value of ${size} bytes is too long`)
  return Buffer.concat([Uint8Array.of(tag, ...length), content])
}

const encoded = (block: asn1js.AsnType): Buffer => Buffer.from(block.toBER())

/** What DER is written of: each gives an encoding of at most 64 kB. */
export const der = {
  sequence: (...parts: readonly Uint8Array[]) => valueOf(0x30, ...parts),
  /** In the order that DER wants. */
  set: (...parts: readonly Uint8Array[]) => valueOf(0x31, ...[...parts].sort((a, b) => Buffer.compare(a, b))),
  /** `[tag] EXPLICIT`. */
  tagged: (tag: number, part: Uint8Array) => valueOf(0xa0 | tag, part),
  /** `[tag] IMPLICIT OCTET STRING`. */
  taggedOctets: (tag: number, bytes: Uint8Array) => valueOf(0x80 | tag, bytes),
  octets: (bytes: Uint8Array) => valueOf(0x04, bytes),
  oid: (value: string) => encoded(new asn1js.ObjectIdentifier({ value })),
  integer: (value: number) => encoded(new asn1js.Integer({ value })),
  /** A BMPString. */
  text: (value: string) => valueOf(0x1e, Buffer.from(value, 'utf16le').swap16()),
  nothing: () => valueOf(0x05),
}
