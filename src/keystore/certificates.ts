import { X509Certificate } from 'node:crypto'

import { dnOfLines } from './distinguished-names.ts'
import { faults } from './faults.ts'

export const clientAuth = '1.3.6.1.5.5.7.3.2'

/** What is shown and stored of a certificate. */
export interface CertificateFacts {
  /** SHA-256 of the DER, in hex. */
  readonly fingerprint: string
  /** Most specific part first, as the original shows it. */
  readonly subject: string
  readonly issuer: string
  /** Hex, lower case, without `0x`. */
  readonly serialNumber: string
  /** Milliseconds since 1970. */
  readonly validFrom: number
  readonly validTo: number
  readonly isAuthority: boolean
  /** The extended key usage names clientAuth. No such extension at all counts as no, as at the original. */
  readonly forClients: boolean
  /** `RSA 2048`, `EC prime256v1`, `ED25519`. */
  readonly keyType: string
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const { asymmetricKeyType = '', asymmetricKeyDetails: details } = certificate.publicKey
  const size = details?.namedCurve ?? details?.modulusLength
  return {
    fingerprint: fingerprintOf(certificate),
    subject: dnOfLines(certificate.subject ?? ''),
    issuer: dnOfLines(certificate.issuer ?? ''),
    serialNumber: certificate.serialNumber.toLowerCase(),
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
    isAuthority: certificate.ca,
    forClients: extendedKeyUsages(certificate).includes(clientAuth),
    keyType: [asymmetricKeyType.toUpperCase(), size].filter((part) => part !== undefined).join(' '),
  }
}

export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase()

/** Node names the extended key usages `keyUsage`; without the extension it gives undefined. */
const extendedKeyUsages = (certificate: X509Certificate): readonly string[] => certificate.keyUsage ?? []

/** True when the certificate was issued by one of the anchors, directly or through intermediates that it came with. */
export function leadsTo(anchors: readonly X509Certificate[], leaf: X509Certificate): boolean {
  let current: X509Certificate | undefined = leaf
  for (let depth = 0; current !== undefined && depth < 8; depth++) {
    const signed: X509Certificate = current
    if (anchors.some((anchor) => issued(anchor, signed))) return true
    const issuer: X509Certificate | undefined = signed.issuerCertificate
    current = issuer !== undefined && issuer.ca && issued(issuer, signed) ? issuer : undefined
  }
  return false
}

const issued = (issuer: X509Certificate, subject: X509Certificate) =>
  subject.checkIssued(issuer) && subject.verify(issuer.publicKey)

// People paste PEM as one line, with `\n` spelled out, or with the last dashes lost; base64 is what counts.
const armoured =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]*?)-----END (?:X509 |TRUSTED )?CERTIFICATE/g

/**
 * The certificates in PEM of any wrapping (also base64 of it) or in DER, in the order given.
 * @throws keystore.certificateUnreadable
 */
export function readCertificates(input: string | Uint8Array): readonly X509Certificate[] {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : Buffer.from(input)
  if (bytes[0] === 0x30) return [parse(bytes)]
  const text = bytes
    .toString('utf8')
    .replaceAll(/\\r|\\n/g, '\n')
    .trim()
  if (text.includes('CERTIFICATE REQUEST'))
    throw faults.certificateUnreadable({
      why: 'it is a certificate request, which a CA has to sign first: `sluice cert sign` does it with the built-in one',
    })
  if (text.includes('PRIVATE KEY')) throw faults.certificateUnreadable({ why: 'it holds a private key' })
  const blocks = [...text.matchAll(armoured)].map(([, base64 = '']) => parse(Buffer.from(base64, 'base64')))
  if (blocks.length > 0) {
    const begun = text.match(/-----BEGIN /g)?.length ?? 0
    if (begun === blocks.length) return blocks
    throw faults.certificateUnreadable({ why: `${begun - blocks.length} of its ${begun} blocks cannot be read` })
  }
  if (!text.includes('-----') && /^[A-Za-z0-9+/=\s]+$/.test(text)) {
    const decoded = Buffer.from(text, 'base64')
    if (decoded[0] === 0x30 || decoded.subarray(0, 11).toString('latin1') === '-----BEGIN ')
      return readCertificates(decoded)
  }
  throw faults.certificateUnreadable({ why: text === '' ? 'it is empty' : 'it is neither PEM nor DER' })
}

function parse(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw faults.certificateUnreadable({ why: 'its content is damaged or cut off' }, { cause })
  }
}
