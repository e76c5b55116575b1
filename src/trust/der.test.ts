import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { DerError, booleanOf, elementsOf, integerOf, namedBitsOf, octetsOfBits, oidOf, readDer, timeOf } from './der.ts'
import { derOf, derOfOid } from './der-writing.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('DER that is refused', () => {
  for (const [what, hex, tag, read] of [
    ['nothing', '', 0x30, readDer],
    ['a tag alone', '30', 0x30, readDer],
    ['content that is cut off', '3003 0201', 0x30, readDer],
    ['bytes after the end', '3000 00', 0x30, readDer],
    ['an indefinite length', '3080 0000', 0x30, readDer],
    ['a length in two octets where one does', '308100', 0x30, readDer],
    ['a length with a zero in front', '30820001 00', 0x30, readDer],
    ['a tag of several octets', '3f8101 00', 0x3f, readDer],
    ['another tag', '3100', 0x30, readDer],
    ['an element longer than what it is in', '3003 0203 01', 0x30, (d: Buffer) => elementsOf(readDer(d))],
    ['a boolean that is neither', '010101', 0x01, (d: Buffer) => booleanOf(readDer(d, 1))],
    ['an empty integer', '0200', 0x02, (d: Buffer) => integerOf(readDer(d, 2))],
    ['an integer with a zero in front', '02020001', 0x02, (d: Buffer) => integerOf(readDer(d, 2))],
    ['a negative integer with octets in front', '0202ff80', 0x02, (d: Buffer) => integerOf(readDer(d, 2))],
    ['an object identifier that is cut off', '060188', 0x06, (d: Buffer) => oidOf(readDer(d, 6))],
    ['an arc with zeros in front', '06032a8001', 0x06, (d: Buffer) => oidOf(readDer(d, 6))],
    ['a signature of half octets', '03020480', 0x03, (d: Buffer) => octetsOfBits(readDer(d, 3))],
    ['named bits with a zero behind', '03020140', 0x03, (d: Buffer) => namedBitsOf(readDer(d, 3))],
    ['a primitive where a structure is expected', '020101', 0x02, (d: Buffer) => elementsOf(readDer(d, 2))],
  ] as const)
    it(what, () => assert.throws(() => read(bytes(hex), tag), DerError))
})

it('object identifiers are read as they were written', () => {
  for (const oid of [
    '1.2.840.113549.1.1.11',
    '2.5.29.15',
    '2.16.840.1.101.3.4.2.1',
    '0.9.2342.19200300.100.1.25',
    '2.999.1',
  ])
    assert.equal(oidOf(readDer(derOfOid(oid), 6)), oid)
})

it('lengths are written and read', () => {
  for (const length of [0, 127, 128, 255, 256, 70_000])
    assert.equal(
      readDer(derOf(4, Buffer.alloc(length)), 4).to - readDer(derOf(4, Buffer.alloc(length)), 4).from,
      length,
    )
})

const time = (tag: number, text: string) => () => timeOf(readDer(derOf(tag, Buffer.from(text)), tag))

it('times are read in the forms of RFC 5280', () => {
  assert.equal(time(0x17, '500101000000Z')(), Date.UTC(1950, 0, 1))
  assert.equal(time(0x17, '491231235959Z')(), Date.UTC(2049, 11, 31, 23, 59, 59))
  assert.equal(time(0x18, '20501231235959Z')(), Date.UTC(2050, 11, 31, 23, 59, 59))
  assert.equal(time(0x18, '00010101000000Z')(), new Date('0001-01-01T00:00:00Z').getTime())
  for (const [tag, text] of [
    [0x17, '5001010000Z'],
    [0x17, '500101000000+0000'],
    [0x17, '500230000000Z'],
    [0x17, '501301000000Z'],
    [0x18, '20500101000000.5Z'],
    [0x18, '20500101240000Z'],
    [0x18, '500101000000Z'],
    [0x04, '500101000000Z'],
  ] as const)
    assert.throws(time(tag, text), DerError, text)
})
