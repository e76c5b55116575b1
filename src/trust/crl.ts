import { type SignatureAlgorithm, isAccepted, isSignedBy, signatureAlgorithmOf } from './algorithms.ts'
import type { ParsedCertificate } from './certificate.ts'
import {
  type Der,
  DerError,
  eachOf,
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
import { derOf } from './der-writing.ts'
import { type RawExtension, absolute, keyUsages, pointNamesOf, rawExtensionsOf } from './extensions.ts'
import { nameOf } from './names.ts'

/** A CRL, read once; its entries stay in their bytes, since a large one has hundreds of thousands. */
export interface Crl {
  readonly issuerKey: string
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly scope: 'all' | 'leaves' | 'authorities'
  /** Names of the distribution point it is for; empty when it is for all. */
  readonly points: readonly string[]
  readonly isSignedBy: (issuer: ParsedCertificate) => boolean
  /** The entry of a serial number. */
  readonly find: (serial: Buffer) => Revocation | undefined
}

export interface Revocation {
  readonly at: number
  /** In the words of RFC 5280, 5.3.1. */
  readonly reason: string
}

export const reasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const

const oids = {
  number: '2.5.29.20',
  reason: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaIndicator: '2.5.29.27',
  issuingPoint: '2.5.29.28',
  authorityKeyId: '2.5.29.35',
} as const

/** From where a CRL comes: a CA published it, or an administrator gave it. */
export type CrlOrigin = 'published' | 'given'

/**
 * The CRL in PEM or DER. What a CA publishes has a number (RFC 5280, 5.2.3); what tools make by default has none and
 * is of version 1, which is enough where a person vouches for it.
 * @throws DerError also for what is not supported: delta and indirect CRLs
 */
export function readCrl(input: Buffer, origin: CrlOrigin): Crl {
  return parseCrl(input[0] === 0x30 ? input : fromPem(input), origin)
}

function fromPem(input: Buffer): Buffer {
  const text = input.toString('latin1')
  const base64 = /-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CRL-----/.exec(text)?.[1]
  if (base64 === undefined) throw new DerError('it is neither PEM nor DER')
  return Buffer.from(base64, 'base64')
}

function parseCrl(der: Buffer, origin: CrlOrigin): Crl {
  const [tbs, outerAlgorithm, bits, more] = elementsOf(readDer(der))
  const fields = elementsOf(expect(tbs, tags.sequence))
  if (more !== undefined || tbs === undefined) throw new DerError('more than its fields')
  // Version 1 is the absence of a version (RFC 5280, 5.1.2.1).
  const version = fields[0]?.tag === tags.integer ? smallOf(fields.shift()) : 0
  if (version !== 1 && (version !== 0 || origin === 'published')) throw new DerError('it is not of version 2')
  const [algorithmDer, issuer, thisUpdate, ...rest] = fields
  const algorithm = signatureAlgorithmOf(algorithmDer)
  if (!wholeOf(expect(outerAlgorithm, tags.sequence)).equals(algorithm.der))
    throw new DerError('its two signature algorithms differ')
  const next = rest.shift()
  if (next?.tag !== tags.utcTime && next?.tag !== tags.generalizedTime)
    throw new DerError('it does not say when the next one comes')
  const entries = rest[0]?.tag === tags.sequence ? rest.shift() : undefined
  const extensions = rest.shift()
  if (extensions === undefined ? origin === 'published' : extensions.tag !== 0xa0 || version === 0 || rest.length > 0)
    throw new DerError('its extensions are missing or not what they should be')
  if (entries !== undefined) checkEntries(entries)
  const issuerKey = nameOf(issuer).key
  return {
    issuerKey,
    thisUpdate: timeOf(thisUpdate),
    nextUpdate: timeOf(next),
    ...coverageOf(extensions, issuerKey, origin),
    isSignedBy: signatureCheck(algorithm, wholeOf(tbs), octetsOfBits(bits)),
    find: (serial) => entries && findEntry(entries, serial),
  }
}

/** What is listed once need not be checked again for each certificate: one issuer, one answer. */
function signatureCheck(algorithm: SignatureAlgorithm, content: Buffer, signature: Buffer): Crl['isSignedBy'] {
  const answers = new WeakMap<ParsedCertificate, boolean>()
  return (issuer) => {
    const known = answers.get(issuer)
    if (known !== undefined) return known
    const may = issuer.keyUsage?.has(keyUsages.cRLSign) !== false && isAccepted(algorithm)
    const answer = may && isSignedBy(issuer.publicKey(), algorithm, content, signature)
    answers.set(issuer, answer)
    return answer
  }
}

const everything = { scope: 'all', points: [] } as const

function coverageOf(field: Der | undefined, issuerKey: string, origin: CrlOrigin): Pick<Crl, 'scope' | 'points'> {
  if (field === undefined) return everything
  const raw = rawExtensionsOf(expect(elementsOf(field)[0], tags.sequence))
  if (raw.has(oids.deltaIndicator)) throw new DerError('it is a delta CRL')
  const number = raw.get(oids.number)
  if (number === undefined ? origin === 'published' : number.critical)
    throw new DerError('its number is missing or critical')
  if (number !== undefined) integerOf(readDer(number.value, tags.integer))
  refuseUnknown(raw, [oids.issuingPoint])
  const point = raw.get(oids.issuingPoint)
  return point === undefined ? everything : issuingPointOf(point.value, issuerKey)
}

function refuseUnknown(raw: ReadonlyMap<string, RawExtension>, known: readonly string[]): void {
  const unknown = [...raw].find(([oid, { critical }]) => critical && !known.includes(oid))
  if (unknown !== undefined) throw new DerError(`it has the critical extension ${unknown[0]}, unknown here`)
}

/** RFC 5280, 5.2.5. */
function issuingPointOf(value: Buffer, issuerKey: string): Pick<Crl, 'scope' | 'points'> {
  const fields = new Map(elementsOf(readDer(value)).map((field) => [field.tag, field]))
  for (const [tag, words] of [
    [0x83, 'it lists some reasons only'],
    [0x84, 'it is an indirect CRL'],
    [0x85, 'it lists attribute certificates only'],
  ] as const)
    if (fields.has(tag)) throw new DerError(words)
  const points = pointNamesOf(fields.get(0xa0)).names.map((name) => absolute(name, issuerKey))
  if (fields.has(0x81) && fields.has(0x82)) throw new DerError('it is for leaves only and for CAs only')
  return { points, scope: fields.has(0x81) ? 'leaves' : fields.has(0x82) ? 'authorities' : 'all' }
}

/** All entries are read once, so that a later search meets nothing unexpected. */
function checkEntries(entries: Der): void {
  for (const entry of eachOf(entries)) readEntry(entry)
}

function readEntry(entry: Der): Revocation & { readonly serial: Buffer } {
  const [serial, at, extensions, more] = elementsOf(expect(entry, tags.sequence))
  if (more !== undefined) throw new DerError('an entry with more than its fields')
  const raw = extensions && rawExtensionsOf(extensions)
  if (raw !== undefined) refuseUnknown(raw, [oids.reason, oids.invalidityDate])
  const code = raw?.get(oids.reason)
  const number = code === undefined ? 0 : smallOf(readDer(code.value, tags.enumerated), tags.enumerated)
  const reason = reasons[number]
  if (reason === undefined || reason === 'removeFromCRL') throw new DerError('an entry with a reason it cannot have')
  return { serial: integerOf(serial), at: timeOf(at), reason }
}

/** Looks for the bytes of the number first, and reads entries only when they are found somewhere. */
function findEntry(entries: Der, serial: Buffer): Revocation | undefined {
  const within = entries.bytes.subarray(entries.from, entries.to)
  if (!within.includes(derOf(tags.integer, serial))) return undefined
  for (const der of eachOf(entries)) {
    const entry = readEntry(der)
    if (entry.serial.equals(serial)) return entry
  }
  return undefined
}
