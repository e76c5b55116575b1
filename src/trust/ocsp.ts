import { X509Certificate, createHash, randomBytes } from 'node:crypto'

import { isAccepted, isSignedBy, keyBitsOf, signatureAlgorithmOf, weaknessOf } from './algorithms.ts'
import { type ParsedCertificate, parseCertificate } from './certificate.ts'
import { endOf } from './checks.ts'
import { type Revocation, reasons } from './crl.ts'
import {
  type Der,
  DerError,
  contentOf,
  elementsOf,
  expect,
  octetsOfBits,
  oidOf,
  readDer,
  smallOf,
  tags,
  timeOf,
  wholeOf,
} from './der.ts'
import { derOf, derOfOid, sequenceOf } from './der-writing.ts'
import { keyUsages, rawExtensionsOf } from './extensions.ts'

const sha1 = '1.3.14.3.2.26'
const nonceOid = '1.3.6.1.5.5.7.48.1.2'
const basicResponse = '1.3.6.1.5.5.7.48.1.1'
const ocspSigning = '1.3.6.1.5.5.7.3.9'
/** Clocks differ. */
const skew = 5 * 60_000
/** How long an answer counts that does not say when there is a newer one. */
const defaultLife = 5 * 60_000

export interface OcspRequest {
  readonly der: Buffer
  /** What the answer must be about, and what it must repeat if it repeats anything. */
  readonly certificateId: Buffer
  readonly nonce: Buffer
}

/** A question about one certificate (RFC 6960, 4.1). SHA-1 only finds the issuer here; nothing rests on it. */
export function ocspRequestFor(certificate: ParsedCertificate, issuer: ParsedCertificate): OcspRequest {
  const hash = (bytes: Buffer) => derOf(tags.octetString, createHash('sha1').update(bytes).digest())
  const certificateId = sequenceOf(
    sequenceOf(derOfOid(sha1), derOf(tags.nothing)),
    hash(issuer.subjectDer),
    hash(keyBitsOf(issuer.spki)),
    derOf(tags.integer, certificate.serial),
  )
  const nonce = derOf(tags.octetString, randomBytes(32))
  const extension = sequenceOf(derOfOid(nonceOid), derOf(tags.octetString, nonce))
  const list = sequenceOf(sequenceOf(certificateId))
  return { der: sequenceOf(sequenceOf(list, derOf(0xa2, sequenceOf(extension)))), certificateId, nonce }
}

export interface OcspAnswer {
  readonly revocation: Revocation | undefined
  /** When the answer ends. */
  readonly until: number
}

/** What an OCSP response says about the certificate asked for. @throws DerError when it says nothing that counts */
export function readOcspResponse(
  bytes: Buffer,
  request: OcspRequest,
  issuer: ParsedCertificate,
  given: { readonly now: number; readonly minimumRsaBits: number },
): OcspAnswer {
  const [status, wrapped] = elementsOf(readDer(bytes))
  const code = smallOf(status, tags.enumerated)
  if (code !== 0 || wrapped?.tag !== 0xa0) throw new DerError(`the responder answered with status ${code}`)
  const [type, octets] = elementsOf(expect(elementsOf(wrapped)[0], tags.sequence))
  if (oidOf(type) !== basicResponse) throw new DerError('an answer of an unknown type')
  const [data, algorithm, signature, certificates] = elementsOf(readDer(contentOf(expect(octets, tags.octetString))))
  if (data === undefined) throw new DerError('an answer without content')
  const signers = [issuer, ...delegatesIn(certificates, issuer, given)]
  const parsed = signatureAlgorithmOf(algorithm)
  const content = wholeOf(data)
  if (!signers.some((signer) => isSignedBy(signer.publicKey(), parsed, content, octetsOfBits(signature))))
    throw new DerError('the answer was not signed by the issuer or a responder of its own')
  return answerIn(data, request, given.now)
}

/** Certificates that the issuer itself gave to a responder (RFC 6960, 4.2.2.2). */
function delegatesIn(
  field: Der | undefined,
  issuer: ParsedCertificate,
  { now, minimumRsaBits }: { readonly now: number; readonly minimumRsaBits: number },
): readonly ParsedCertificate[] {
  if (field?.tag !== 0xa0) return []
  // One is enough; a few more do no harm.
  const sent = elementsOf(expect(elementsOf(field)[0], tags.sequence)).slice(0, 5)
  return sent
    .map((der) => parseCertificate(new X509Certificate(wholeOf(der))))
    .filter(
      (delegate) =>
        delegate.extendedKeyUsage?.includes(ocspSigning) === true &&
        delegate.issuer.key === issuer.subject.key &&
        delegate.keyUsage?.has(keyUsages.digitalSignature) !== false &&
        delegate.unknownCritical === undefined &&
        now >= delegate.notBefore &&
        now <= endOf(delegate) &&
        isAccepted(delegate.signatureAlgorithm) &&
        weaknessOf(delegate.keyFacts, minimumRsaBits) === undefined &&
        delegate.x509.verify(issuer.publicKey()),
    )
}

function answerIn(data: Der, request: OcspRequest, now: number): OcspAnswer {
  const fields = elementsOf(data)
  if (fields[0]?.tag === 0xa0) fields.shift()
  const [, , responses, extensions] = fields
  checkExtensions(extensions, request.nonce)
  const single = elementsOf(expect(responses, tags.sequence))
    .map((response) => elementsOf(expect(response, tags.sequence)))
    .find(([id]) => id !== undefined && idKeyOf(id) === idKeyOf(readDer(request.certificateId)))
  if (single === undefined) throw new DerError('the answer is about another certificate')
  const [, status, thisUpdate, ...rest] = single
  const nextField = rest[0]?.tag === 0xa0 ? rest.shift() : undefined
  checkExtensions(rest[0]?.tag === 0xa1 ? rest[0] : undefined, undefined)
  const next = nextField && timeOf(elementsOf(nextField)[0])
  const begins = timeOf(thisUpdate)
  if (begins > now + skew) throw new DerError('the answer is from the future')
  if (next === undefined ? begins < now - 24 * 3_600_000 : next < now - skew)
    throw new DerError('the answer is too old')
  const until = next === undefined ? now + defaultLife : Math.max(next, now + 1_000)
  if (status?.tag === 0x80) return { revocation: undefined, until }
  if (status?.tag === 0xa1) return { revocation: revocationOf(status), until }
  throw new DerError('the responder does not know the certificate')
}

/** A CertID without the parameters of its hash, which some leave out. */
function idKeyOf(id: Der): string {
  const [algorithm, ...fields] = elementsOf(expect(id, tags.sequence))
  const hash = oidOf(elementsOf(expect(algorithm, tags.sequence))[0])
  return [hash, ...fields.map((field) => wholeOf(field).toString('hex'))].join(' ')
}

function checkExtensions(field: Der | undefined, nonce: Buffer | undefined): void {
  if (field === undefined) return
  const raw = rawExtensionsOf(expect(elementsOf(field)[0], tags.sequence))
  for (const [oid, { critical, value }] of raw) {
    if (oid === nonceOid && nonce !== undefined) {
      if (!value.equals(nonce)) throw new DerError('the answer is to another question')
    } else if (critical) throw new DerError(`the answer has the critical extension ${oid}, unknown here`)
  }
}

function revocationOf(status: Der): Revocation {
  const [time, field] = elementsOf(status)
  const number = field === undefined ? 0 : smallOf(elementsOf(field)[0], tags.enumerated)
  return { at: timeOf(time), reason: reasons[number] ?? 'unspecified' }
}
