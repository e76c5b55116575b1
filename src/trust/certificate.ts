import type { KeyObject, X509Certificate } from 'node:crypto'

import { type KeyFacts, type SignatureAlgorithm, keyFactsOf, signatureAlgorithmOf } from './algorithms.ts'
import {
  type Der,
  DerError,
  elementsOf,
  expect,
  integerOf,
  octetsOfBits,
  readDer,
  smallOf,
  tags,
  timeOf,
  wholeOf,
} from './der.ts'
import { type Extensions, extensionsOf, rawExtensionsOf } from './extensions.ts'
import { type Name, nameOf } from './names.ts'

/** A certificate, read strictly. */
export interface ParsedCertificate extends Extensions {
  readonly x509: X509Certificate
  readonly fingerprint: string
  readonly version: number
  /** The octets of the INTEGER. */
  readonly serial: Buffer
  readonly subject: Name
  readonly subjectDer: Buffer
  readonly issuer: Name
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly spki: Der
  readonly keyFacts: KeyFacts
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly selfIssued: boolean
  /** Made when it is first needed. @throws Error when OpenSSL cannot use the key */
  readonly publicKey: () => KeyObject
}

// 20 octets and, in front of a high bit, one of zero (RFC 5280, 4.1.2.2).
const mostSerialOctets = 21

/** @throws DerError */
export function parseCertificate(x509: X509Certificate): ParsedCertificate {
  const [tbs, outerAlgorithm, signature, more] = elementsOf(readDer(x509.raw))
  if (more !== undefined) throw new DerError('a certificate with more than its fields')
  octetsOfBits(signature)
  const fields = elementsOf(expect(tbs, tags.sequence))
  const version = fields[0]?.tag === 0xa0 ? versionOf(fields.shift() as Der) : 1
  const [serialDer, algorithm, issuer, validity, subject, spki, ...rest] = fields
  const signatureAlgorithm = signatureAlgorithmOf(algorithm)
  if (!wholeOf(expect(outerAlgorithm, tags.sequence)).equals(signatureAlgorithm.der))
    throw new DerError('its two signature algorithms differ')
  const [notBefore, notAfter, third] = elementsOf(expect(validity, tags.sequence))
  if (third !== undefined) throw new DerError('a validity with more than two times')
  const serial = integerOf(serialDer)
  if (serial.length > mostSerialOctets) throw new DerError('a serial number of more than 20 octets')
  const names = { issuer: nameOf(issuer), subject: nameOf(subject) }
  let key: KeyObject | undefined
  return {
    ...extensionsOf(extensionFieldOf(rest, version)),
    ...names,
    x509,
    fingerprint: x509.fingerprint256,
    version,
    serial,
    subjectDer: wholeOf(expect(subject, tags.sequence)),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    spki: expect(spki, tags.sequence),
    keyFacts: keyFactsOf(expect(spki, tags.sequence)),
    signatureAlgorithm,
    selfIssued: names.issuer.key === names.subject.key,
    publicKey: () => (key ??= x509.publicKey),
  }
}

function versionOf(field: Der): number {
  const [number, more] = elementsOf(field)
  const version = smallOf(number) + 1
  if (more !== undefined || version < 2 || version > 3) throw new DerError('a version that does not exist')
  return version
}

const none = new Map<string, never>()

function extensionFieldOf(rest: readonly Der[], version: number) {
  let last = 0
  for (const { tag } of rest) {
    // issuerUniqueID, subjectUniqueID, extensions: each once, in this order.
    if (tag <= last || ![0x81, 0x82, 0xa3].includes(tag)) throw new DerError('a certificate with unknown fields')
    last = tag
  }
  const field = rest.find(({ tag }) => tag === 0xa3)
  if (field === undefined) return none
  if (version !== 3) throw new DerError('extensions in a certificate of an old version')
  const [list, more] = elementsOf(field)
  if (list === undefined || more !== undefined) throw new DerError('extensions that are no list')
  return rawExtensionsOf(list)
}
