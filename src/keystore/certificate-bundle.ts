import { X509Certificate } from 'node:crypto'

import { type Asn1, der, readAsn1 } from './asn1.ts'
import { fingerprintOf } from './certificates.ts'
import { faults } from './faults.ts'

const signedData = '1.2.840.113549.1.7.2'
const data = '1.2.840.113549.1.7.1'
const what = 'a file of certificates'
const most = 100

const pem = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*?)-----END \1-----/g

/**
 * The certificates of a file, each once, in the order of the file: PEM or DER, one or several, PKCS#7 (`.p7b`, `.p7c`,
 * `.spc`; binary, PEM or base64), `.pkipath`.
 * @throws keystore.fileUnreadable
 */
export function readCertificateBundle(input: string | Uint8Array): readonly X509Certificate[] {
  const bytes = Buffer.from(input as Uint8Array)
  const found = bytes[0] === 0x30 ? ofDer(bytes) : ofText(bytes.toString('latin1'))
  const each = [...new Map(found.map((certificate) => [fingerprintOf(certificate), certificate])).values()]
  if (each.length === 0) throw faults.fileUnreadable({ what, why: 'it has none' })
  return each
}

function ofText(given: string): readonly X509Certificate[] {
  const text = given.replaceAll(/\\r|\\n/g, '\n').trim()
  if (text === '') throw faults.fileUnreadable({ what, why: 'it is empty' })
  if (text.includes('PRIVATE KEY')) throw faults.fileUnreadable({ what, why: 'it holds a private key' })
  const blocks = [...text.matchAll(pem)]
  if (blocks.length > 0) return blocks.flatMap(([, , base64 = '']) => ofDer(Buffer.from(base64, 'base64')))
  const bare = /^[A-Za-z0-9+/=\s]+$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (bare[0] === 0x30) return ofDer(bare)
  if (bare.subarray(0, 11).toString('latin1') === '-----BEGIN ') return ofText(bare.toString('latin1'))
  throw faults.fileUnreadable({ what, why: 'it is neither PEM, DER, PKCS#7 nor a PKI path' })
}

/** One value after the other: some programs just write them into one file. */
function ofDer(bytes: Buffer): readonly X509Certificate[] {
  const found: X509Certificate[] = []
  try {
    for (let rest = bytes; rest.length > 0 && rest[0] === 0x30; ) {
      const value = readAsn1(rest)
      const length = value.bytes().length
      if (length === 0) throw new Error('a value has no length')
      found.push(...ofValue(value))
      rest = rest.subarray(length)
      if (found.length > most) throw new Error('there are too many')
    }
  } catch (cause) {
    throw faults.fileUnreadable({ what, why: 'its content is damaged, cut off, or of another format' }, { cause })
  }
  return found
}

function ofValue(value: Asn1): readonly X509Certificate[] {
  const [first, second] = value.parts()
  if (first !== undefined && isOid(first)) {
    if (first.oid() !== signedData || second === undefined) throw new Error('it is no PKCS#7 of certificates')
    const parts = second.part(0).parts()
    // SignedData: version, digests, content, then certificates as [0].
    return (parts.find(({ tag }) => tag === 0)?.parts() ?? []).map((each) => new X509Certificate(each.bytes()))
  }
  if (isCertificate(value)) return [new X509Certificate(value.bytes())]
  // A PKI path (ITU-T X.509) begins with the top CA: leaf first is the order of everything here.
  return value
    .parts()
    .map((each) => new X509Certificate(each.bytes()))
    .reverse()
}

const isOid = (value: Asn1): boolean => value.bytes()[0] === 0x06

/** A certificate is three values, the last of them a bit string. */
function isCertificate(value: Asn1): boolean {
  const parts = value.parts()
  return parts.length === 3 && parts[2]?.bytes()[0] === 0x03
}

/** PKCS#7 with nothing but certificates (RFC 2315, 9), in PEM: a `.p7b` file. */
export function writePkcs7(certificates: readonly X509Certificate[]): string {
  const content = der.sequence(
    der.integer(1),
    der.set(),
    der.sequence(der.oid(data)),
    der.tagged(0, Buffer.concat(certificates.map(({ raw }) => raw))),
    der.set(),
  )
  const info = der.sequence(der.oid(signedData), der.tagged(0, content))
  return `-----BEGIN PKCS7-----\n${(info.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END PKCS7-----\n`
}
