import { createPublicKey, type KeyObject, verify } from 'node:crypto'

import type { JsonName } from '@peculiar/x509'

import { Fault } from '../base/index.ts'
import { faults } from './faults.ts'
import { loadX509 } from './x509-library.ts'

/** A request for a certificate that was made by the owner of its key. */
export interface CertificateSigningRequest {
  /** DER of the subject, as the request spells it. */
  readonly subject: Buffer
  readonly publicKey: KeyObject
}

/** Signatures that count, by object identifier; undefined where the algorithm hashes by itself. */
const signatures: Readonly<Record<string, { readonly key: string; readonly hash: string | undefined }>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519', hash: undefined },
}

const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1'])
const largest = 64 * 1024

/**
 * Reads a request (PKCS#10, RFC 2986) in PEM or DER. Its signature shows that who asks has the private key; what it
 * asks for beyond the subject is not looked at.
 * @throws keystore.requestUnreadable, keystore.requestRefused
 */
export async function readCertificateRequest(input: string | Uint8Array): Promise<CertificateSigningRequest> {
  const der = derOf(input)
  const { readAsn1 } = await import('./asn1.ts')
  try {
    const [info, algorithm, signature] = readAsn1(der).parts()
    if (info === undefined || algorithm === undefined || signature === undefined) throw new Error('parts are missing')
    const [version, subject, publicKeyInfo] = info.parts()
    if (version?.integer() !== 0 || subject === undefined || publicKeyInfo === undefined)
      throw new Error('it is not version 1')
    const publicKey = createPublicKey({ key: publicKeyInfo.bytes(), format: 'der', type: 'spki' })
    checkStrength(publicKey)
    checkSignature(algorithm.part(0).oid(), info.bytes(), publicKey, signature.bits())
    return { subject: subject.bytes(), publicKey }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.requestUnreadable({ why: 'its content is damaged, cut off, or of another format' }, { cause })
  }
}

function derOf(input: string | Uint8Array): Buffer {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : Buffer.from(input)
  if (bytes.length > largest) throw faults.requestUnreadable({ why: 'it is larger than 64 kB' })
  if (bytes[0] === 0x30) return bytes
  const text = bytes.toString('utf8').replaceAll(/\\r|\\n/g, '\n')
  if (text.includes('PRIVATE KEY')) throw faults.requestUnreadable({ why: 'it holds a private key' })
  if (text.includes('BEGIN CERTIFICATE-----')) throw faults.requestUnreadable({ why: 'it is a certificate already' })
  const [, base64] =
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*?)-----END (?:NEW )?CERTIFICATE REQUEST-/.exec(
      text,
    ) ?? []
  if (base64 === undefined)
    throw faults.requestUnreadable({ why: text.trim() === '' ? 'it is empty' : 'it is neither PEM nor DER' })
  return Buffer.from(base64, 'base64')
}

function checkStrength({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): void {
  const refuse = (why: string): Fault => faults.requestRefused({ why })
  if (type === 'ed25519') return
  if (type === 'ec') {
    if (curves.has(details.namedCurve ?? '')) return
    throw refuse(`its curve is ${details.namedCurve ?? 'not a named one'}`)
  }
  if (type !== 'rsa') throw refuse(`its key is of the type ${type ?? 'unknown'}`)
  const { modulusLength = 0, publicExponent = 0n } = details
  if (modulusLength < 2048 || modulusLength > 8192) throw refuse(`its RSA key has ${modulusLength} bits`)
  if (publicExponent < 65_537n || publicExponent % 2n === 0n) throw refuse(`its RSA exponent is ${publicExponent}`)
}

function checkSignature(algorithm: string, content: Buffer, publicKey: KeyObject, signature: Buffer): void {
  const used = signatures[algorithm]
  if (used === undefined) throw faults.requestRefused({ why: `its signature algorithm is ${algorithm}` })
  if (used.key !== publicKey.asymmetricKeyType || !verify(used.hash, content, publicKey, signature))
    throw faults.requestRefused({ why: 'its signature was not made by the key that it names' })
}

const longestSubject = 1024
const longestName = 64

/**
 * The subject of a request, with another common name if one is given.
 * @throws keystore.requestRefused when it cannot be the name of a client
 */
export async function subjectOf(subject: Buffer, commonName: string | undefined): Promise<JsonName | Uint8Array> {
  const refuse = (why: string) => faults.requestRefused({ why })
  const x509 = await loadX509()
  const parts = new x509.Name(Uint8Array.from(subject)).toJSON()
  const names = parts.flatMap(({ CN = [] }) => CN)
  if (subject.length > longestSubject) throw refuse(`its subject is longer than ${longestSubject} bytes`)
  if (parts.some((part) => Object.values(part).some((values) => values.some((value) => /\p{Cc}/u.test(value)))))
    throw refuse('its subject has control characters')
  const wanted = commonName === undefined ? names : [commonName]
  if (wanted.length !== 1)
    throw refuse(`its subject has ${wanted.length === 0 ? 'no common name' : 'several common names'}`)
  if (!/^\P{Cc}+$/u.test(wanted[0] ?? '') || (wanted[0] ?? '').length > longestName)
    throw refuse(`a common name has 1 to ${longestName} characters`)
  if (commonName === undefined) return subject
  return [...parts.filter((part) => part.CN === undefined), { CN: [commonName] }]
}
