import assert from 'node:assert/strict'
import { it } from 'node:test'

import { keyFactsOf, signatureAlgorithmOf, isAccepted, weaknessOf } from './algorithms.ts'
import { bits } from './certificate-maker.ts'
import { DerError, readDer, tags } from './der.ts'
import { derOf, derOfOid, sequenceOf } from './der-writing.ts'

const number = (hex: string) => derOf(tags.integer, Buffer.from(hex, 'hex'))
const nothing = derOf(tags.nothing)

function rsa(modulusBits: number, exponent: string): string | undefined {
  const modulus = number(`00${((1n << BigInt(modulusBits)) - 1n).toString(16)}`)
  const key = sequenceOf(modulus, number(exponent))
  const spki = sequenceOf(sequenceOf(derOfOid('1.2.840.113549.1.1.1'), nothing), bits(key))
  return weaknessOf(keyFactsOf(readDer(spki)), 2048)
}

it('RSA keys are measured', () => {
  assert.equal(rsa(2048, '010001'), undefined)
  assert.equal(rsa(4096, '03'), undefined)
  assert.match(rsa(2040, '010001') ?? '', /2040 bits, fewer than 2048/)
  assert.match(rsa(16_384, '010001') ?? '', /more than 8192/)
  for (const exponent of ['01', '00', '04', 'ff', '010000000000000001'])
    assert.match(rsa(2048, exponent) ?? '', /exponent/)
})

const algorithm = (oid: string, ...parameters: readonly Buffer[]) =>
  signatureAlgorithmOf(readDer(sequenceOf(derOfOid(oid), ...parameters)))
const hash = (oid: string) => sequenceOf(derOfOid(oid), nothing)
const [sha1, sha256] = [hash('1.3.14.3.2.26'), hash('2.16.840.1.101.3.4.2.1')]
const pss = (digest: Buffer, mask: Buffer) =>
  algorithm(
    '1.2.840.113549.1.1.10',
    sequenceOf(
      derOf(0xa0, digest),
      derOf(0xa1, sequenceOf(derOfOid('1.2.840.113549.1.1.8'), mask)),
      derOf(0xa2, derOf(tags.integer, Buffer.of(32))),
    ),
  )

it('signature algorithms with a broken hash are not accepted', () => {
  for (const [given, accepted] of [
    [algorithm('1.2.840.113549.1.1.11', nothing), true],
    [algorithm('1.2.840.113549.1.1.11'), true],
    [algorithm('1.3.101.112'), true],
    [algorithm('1.2.840.113549.1.1.4', nothing), false],
    [algorithm('1.2.840.113549.1.1.5', nothing), false],
    [algorithm('1.2.3.4'), false],
    [algorithm('1.2.840.113549.1.1.10'), false],
    [pss(sha256, sha256), true],
    [pss(sha1, sha1), false],
    [pss(sha256, sha1), false],
  ] as const)
    assert.equal(isAccepted(given), accepted, given.label)
  assert.throws(() => algorithm('1.2.840.10045.4.3.2', nothing), DerError)
})
