import { type KeyObject, X509Certificate, createHash, generateKeyPairSync, sign } from 'node:crypto'

import { elementsOf, readDer, tags, wholeOf } from './der.ts'
import { derOf, derOfOid, sequenceOf } from './der-writing.ts'

/** Makes certificates, CRLs and OCSP answers for tests, good ones and bad ones; no other code imports it. */
export interface Made {
  readonly x509: X509Certificate
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly subject: Buffer
  readonly serial: Buffer
}

export interface Wanted {
  /** A common name, or the whole DER of a name. */
  readonly subject: string | Buffer
  /** Itself when it is left out. */
  readonly issuer?: Made
  readonly keys?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  /** The key that signs, where it shall not be the issuer's. */
  readonly signedWith?: KeyObject
  readonly authority?: boolean
  readonly pathLength?: number
  /** Bits of RFC 5280, 4.2.1.3; null: no such extension. */
  readonly keyUsage?: readonly number[] | null
  /** Null: no such extension. */
  readonly extendedKeyUsage?: readonly string[] | null
  readonly from?: number
  readonly to?: number
  readonly serial?: Buffer
  readonly version?: number
  readonly hash?: 'sha1' | 'sha256'
  readonly extensions?: readonly Buffer[]
}

export const noon = Date.UTC(2026, 5, 1, 12)
export const day = 86_400_000
export const clientAuth = '1.3.6.1.5.5.7.3.2'
export const serverAuth = '1.3.6.1.5.5.7.3.1'

const hashes = {
  ec: { sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2' },
  rsa: { sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11' },
} as const

export const newKeys = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve })
export const newRsaKeys = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent })

export const octets = (content: Buffer) => derOf(tags.octetString, content)
export const integer = (value: number) => derOf(tags.integer, Buffer.of(value))
export const bits = (content: Buffer) => derOf(tags.bitString, Buffer.of(0), content)
const truth = derOf(tags.boolean, Buffer.of(0xff))

/** Parts of a name, each an RDN of its own: `[['2.5.4.10', 'Acme'], ['2.5.4.3', 'me']]`. */
export const nameDer = (parts: readonly (readonly [type: string, value: string])[], tag: number = tags.utf8String) =>
  sequenceOf(
    ...parts.map(([type, value]) => derOf(tags.set, sequenceOf(derOfOid(type), derOf(tag, Buffer.from(value))))),
  )

export const extension = (oid: string, value: Buffer, critical = false): Buffer =>
  sequenceOf(derOfOid(oid), ...(critical ? [truth] : []), octets(value))

export const generalNames = {
  email: (value: string) => derOf(0x81, Buffer.from(value)),
  dns: (value: string) => derOf(0x82, Buffer.from(value)),
  uri: (value: string) => derOf(0x86, Buffer.from(value)),
  ip: (...value: readonly number[]) => derOf(0x87, Buffer.from(value)),
  directory: (name: Buffer) => derOf(0xa4, name),
  registered: (oid: string) => derOf(0x88, derOfOid(oid).subarray(2)),
} as const

export const alternativeNames = (...names: readonly Buffer[]) => extension('2.5.29.17', sequenceOf(...names))
export const nameConstraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []) => {
  const list = (tag: number, names: readonly Buffer[]) =>
    names.length === 0 ? [] : [derOf(tag, ...names.map((name) => sequenceOf(name)))]
  return extension('2.5.29.30', sequenceOf(...list(0xa0, permitted), ...list(0xa1, excluded)), true)
}
const access = (method: string, url: string) =>
  extension('1.3.6.1.5.5.7.1.1', sequenceOf(sequenceOf(derOfOid(method), generalNames.uri(url))))
export const ocspAt = (url: string) => access('1.3.6.1.5.5.7.48.1', url)
export const issuerAt = (url: string) => access('1.3.6.1.5.5.7.48.2', url)
export const crlAt = (url: string) =>
  extension('2.5.29.31', sequenceOf(sequenceOf(derOf(0xa0, derOf(0xa0, generalNames.uri(url))))))
export const policies = (...oids: readonly string[]) =>
  extension('2.5.29.32', sequenceOf(...oids.map((oid) => sequenceOf(derOfOid(oid)))))
export const requireExplicitPolicy = (skip: number) =>
  extension('2.5.29.36', sequenceOf(derOf(0x80, Buffer.of(skip))), true)

const utc = (time: number) => {
  const text = new Date(time).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return derOf(tags.generalizedTime, Buffer.from(text))
}

function namedBits(set: readonly number[]): Buffer {
  const length = Math.floor(Math.max(...set) / 8) + 1
  const content = Buffer.alloc(length)
  for (const bit of set) content[bit >> 3] = (content[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return derOf(tags.bitString, Buffer.of(length * 8 - 1 - Math.max(...set)), content)
}

function algorithmFor(key: KeyObject, hash: 'sha1' | 'sha256'): Buffer {
  const kind = key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'
  return sequenceOf(derOfOid(hashes[kind][hash]), ...(kind === 'rsa' ? [derOf(tags.nothing)] : []))
}

/** What is signed, then the algorithm, then the signature. */
function signed(content: Buffer, key: KeyObject, hash: 'sha1' | 'sha256', ...more: readonly Buffer[]): Buffer {
  return sequenceOf(content, algorithmFor(key, hash), bits(sign(hash, content, key)), ...more)
}

let serials = 0x1000

export function make(wanted: Wanted): Made {
  const { authority = false, issuer, version = 3, hash = 'sha256' } = wanted
  const keys = wanted.keys ?? newKeys()
  const subject = typeof wanted.subject === 'string' ? nameDer([['2.5.4.3', wanted.subject]]) : wanted.subject
  const serial = wanted.serial ?? Buffer.of(0x10, ++serials >> 8, serials & 0xff)
  const usage = wanted.keyUsage === undefined ? (authority ? [5, 6] : [0]) : wanted.keyUsage
  const purposes = wanted.extendedKeyUsage === undefined ? (authority ? null : [clientAuth]) : wanted.extendedKeyUsage
  const length = wanted.pathLength === undefined ? [] : [integer(wanted.pathLength)]
  const extensions = [
    ...(authority ? [extension('2.5.29.19', sequenceOf(truth, ...length), true)] : []),
    ...(usage === null ? [] : [extension('2.5.29.15', namedBits(usage), true)]),
    ...(purposes === null ? [] : [extension('2.5.29.37', sequenceOf(...purposes.map(derOfOid)))]),
    ...(wanted.extensions ?? []),
  ]
  const key = wanted.signedWith ?? issuer?.privateKey ?? keys.privateKey
  const content = sequenceOf(
    ...(version === 1 ? [] : [derOf(0xa0, integer(version - 1))]),
    derOf(tags.integer, serial),
    algorithmFor(key, hash),
    issuer?.subject ?? subject,
    sequenceOf(utc(wanted.from ?? noon - 30 * day), utc(wanted.to ?? noon + 30 * day)),
    subject,
    keys.publicKey.export({ format: 'der', type: 'spki' }),
    ...(version === 3 && extensions.length > 0 ? [derOf(0xa3, sequenceOf(...extensions))] : []),
  )
  return { x509: new X509Certificate(signed(content, key, hash)), ...keys, subject, serial }
}

export interface WantedCrl {
  readonly issuer: Made
  readonly revoked?: readonly { readonly certificate: Made; readonly reason?: number; readonly at?: number }[]
  readonly from?: number
  readonly to?: number
  readonly extensions?: readonly Buffer[]
  readonly signedWith?: KeyObject
  readonly version?: 1 | 2
}

export function makeCrl(wanted: WantedCrl): Buffer {
  const key = wanted.signedWith ?? wanted.issuer.privateKey
  const entries = (wanted.revoked ?? []).map(({ certificate, reason, at = noon - day }) =>
    sequenceOf(
      derOf(tags.integer, certificate.serial),
      utc(at),
      ...(reason === undefined ? [] : [sequenceOf(extension('2.5.29.21', derOf(tags.enumerated, Buffer.of(reason))))]),
    ),
  )
  const second = wanted.version !== 1
  const content = sequenceOf(
    ...(second ? [integer(1)] : []),
    algorithmFor(key, 'sha256'),
    wanted.issuer.subject,
    utc(wanted.from ?? noon - day),
    utc(wanted.to ?? noon + day),
    ...(entries.length === 0 ? [] : [sequenceOf(...entries)]),
    ...(second ? [derOf(0xa0, sequenceOf(extension('2.5.29.20', integer(1)), ...(wanted.extensions ?? [])))] : []),
  )
  return signed(content, key, 'sha256')
}

export interface WantedAnswer {
  /** The request as it came. */
  readonly request: Buffer
  readonly issuer: Made
  readonly status: 'good' | 'revoked' | 'unknown'
  /** Who signs instead of the issuer. */
  readonly delegate?: Made
  readonly from?: number
  readonly to?: number
  /** Another nonce than that of the request. */
  readonly wrongNonce?: boolean
  /** An answer about another serial number. */
  readonly wrongSerial?: boolean
}

export function makeOcspAnswer(wanted: WantedAnswer): Buffer {
  const signer = wanted.delegate ?? wanted.issuer
  const [list, asked] = elementsOf(elementsOf(readDer(wanted.request))[0] ?? readDer(wanted.request))
  const id = list && elementsOf(list)[0] && elementsOf(elementsOf(list)[0] ?? list)[0]
  if (id === undefined || asked === undefined) throw new Error('this is no OCSP request with a nonce')
  const fields = elementsOf(id).map(wholeOf)
  const answered = wanted.wrongSerial ? sequenceOf(...fields.slice(0, 3), integer(1)) : wholeOf(id)
  const status = {
    good: derOf(0x80),
    revoked: derOf(0xa1, utc(noon - day), derOf(0xa0, derOf(tags.enumerated, Buffer.of(1)))),
    unknown: derOf(0x82),
  }[wanted.status]
  const nonce = wanted.wrongNonce
    ? sequenceOf(extension('1.3.6.1.5.5.7.48.1.2', octets(Buffer.alloc(32))))
    : wholeOf(elementsOf(asked)[0] ?? asked)
  const content = sequenceOf(
    derOf(0xa2, octets(createHash('sha1').update(signer.subject).digest())),
    utc(noon),
    sequenceOf(
      sequenceOf(
        answered,
        status,
        utc(wanted.from ?? noon - 3_600_000),
        derOf(0xa0, utc(wanted.to ?? noon + 3_600_000)),
      ),
    ),
    derOf(0xa1, nonce),
  )
  const certificates = wanted.delegate === undefined ? [] : [derOf(0xa0, sequenceOf(wanted.delegate.x509.raw))]
  const basic = signed(content, signer.privateKey, 'sha256', ...certificates)
  const wrapped = sequenceOf(derOfOid('1.3.6.1.5.5.7.48.1.1'), octets(basic))
  return sequenceOf(derOf(tags.enumerated, Buffer.of(0)), derOf(0xa0, wrapped))
}
