import { createHash, timingSafeEqual, verify, X509Certificate } from 'node:crypto'

import type * as Cms from 'pkijs'

import type { Bundle } from './model.ts'
import { valuesPath } from './read-parameters.ts'

/** Where the signature of a bundle stands in it: CMS (RFC 5652), detached, in DER. */
export const signaturePath = 'META-INF/sluice-signature.p7s'

export type BundleSignature =
  | { readonly status: 'none' }
  | { readonly status: 'valid'; readonly signer: SignerFacts; readonly signedAt: number | undefined }
  /** Signed as it is, by somebody who is no trusted publisher. */
  | { readonly status: 'untrusted'; readonly signer: SignerFacts; readonly why: string }
  | { readonly status: 'invalid'; readonly why: string }

export interface SignerFacts {
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  /** SHA-256 of the certificate, in hex without colons. */
  readonly fingerprint: string
  /** Milliseconds since 1970. */
  readonly notAfter: number
}

/** Undefined where the certificate is that of a trusted publisher, else why it is not. */
export type PublisherTrust = (
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
) => string | undefined | Promise<string | undefined>

/** Object identifiers of CMS and of what is used in it. */
export const oids = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  rsa: '1.2.840.113549.1.1.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256: '2.16.840.1.101.3.4.2.1',
}

const digests: Readonly<Record<string, string>> = {
  [oids.sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** Which signature algorithms go with a digest, by the kind of the key; PSS and SHA-1 are not taken. */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  'rsa sha256': [oids.rsa, '1.2.840.113549.1.1.11'],
  'rsa sha384': [oids.rsa, '1.2.840.113549.1.1.12'],
  'rsa sha512': [oids.rsa, '1.2.840.113549.1.1.13'],
  'ec sha256': [oids.ecdsaWithSha256],
  'ec sha384': ['1.2.840.10045.4.3.3'],
  'ec sha512': ['1.2.840.10045.4.3.4'],
}

/**
 * What is signed: the names and SHA-256 digests of all files, sorted, so that the same bundle as a folder and as any
 * zip has one signature. Values of parameters are left out: they are set where a flow is deployed.
 */
export function signedContent(bundle: Bundle): Buffer {
  const lines = [...bundle.files]
    .filter(([path]) => path !== signaturePath && path !== valuesPath)
    .map(([path, content]) => `${createHash('sha256').update(content).digest('hex')}  ${JSON.stringify(path)}\n`)
  return Buffer.from(`sluice bundle 1\n${lines.sort().join('')}`)
}

/** Longer than any chain that people sign with. */
const longestSignature = 262_144

/** A signature whose files are as they were signed, before it is asked who is trusted. */
export type ReadSignature =
  | Extract<BundleSignature, { status: 'none' | 'invalid' }>
  | {
      readonly status: 'signed'
      readonly leaf: X509Certificate
      readonly chain: readonly X509Certificate[]
      readonly signedAt: number | undefined
    }

/** Reads the signature of a bundle: whether all files are as they were signed. Everything else is invalid. */
export async function readSignature(bundle: Bundle): Promise<ReadSignature> {
  const signature = bundle.files.get(signaturePath)
  if (signature === undefined) return { status: 'none' }
  const read = await checkSignature(signature, signedContent(bundle)).catch(() => 'it is no CMS signature')
  if (typeof read === 'string') return { status: 'invalid', why: read }
  const [leaf, ...chain] = read.certificates
  if (leaf === undefined) return { status: 'invalid', why: 'it brings no certificate of its signer' }
  return { status: 'signed', leaf, chain, signedAt: read.signedAt }
}

/** Says whether the signer is trusted. */
export async function judgeSignature(read: ReadSignature, trust: PublisherTrust): Promise<BundleSignature> {
  if (read.status !== 'signed') return read
  const { leaf, chain, signedAt } = read
  const signer = factsOf(leaf)
  const why = await trust(leaf, chain)
  return why === undefined ? { status: 'valid', signer, signedAt } : { status: 'untrusted', signer, why }
}

/** Checks the signature of a bundle: whether all files are as they were signed, and by whom. */
export const verifyBundle = async (bundle: Bundle, trust: PublisherTrust): Promise<BundleSignature> =>
  judgeSignature(await readSignature(bundle), trust)

const factsOf = (certificate: X509Certificate): SignerFacts => ({
  subject: certificate.subject.replaceAll('\n', ', '),
  issuer: certificate.issuer.replaceAll('\n', ', '),
  serialNumber: certificate.serialNumber,
  fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  notAfter: certificate.validToDate.getTime(),
})

interface Checked {
  /** That of the signer first. */
  readonly certificates: readonly X509Certificate[]
  readonly signedAt: number | undefined
}

/** What was signed, or why it is not what it says. @throws Error where it cannot be read */
async function checkSignature(signature: Buffer, content: Buffer): Promise<Checked | string> {
  if (signature.length > longestSignature) return 'it is too long'
  const cms = await import('pkijs')
  const info = cms.ContentInfo.fromBER(Uint8Array.from(signature))
  if (info.contentType !== oids.signedData) return 'it is no signature'
  const signed = new cms.SignedData({ schema: info.content as unknown })
  const [signer, ...others] = signed.signerInfos
  if (signer === undefined || others.length > 0) return 'it has not exactly one signer'
  if (signed.encapContentInfo.eContent !== undefined) return 'it brings a content of its own'
  const certificates = (signed.certificates ?? []).flatMap((one) =>
    one instanceof cms.Certificate ? [{ one, x509: new X509Certificate(Buffer.from(one.toSchema().toBER())) }] : [],
  )
  const leaf = certificates.find(({ one }) => isOf(signer, one, cms))
  if (leaf === undefined) return 'it brings no certificate of its signer'
  const digest = digests[signer.digestAlgorithm.algorithmId]
  const algorithm = signer.signatureAlgorithm.algorithmId
  const { publicKey } = leaf.x509
  if (digest === undefined || !algorithms[`${publicKey.asymmetricKeyType} ${digest}`]?.includes(algorithm))
    return 'it is made with algorithms that are not taken'
  if ((publicKey.asymmetricKeyDetails?.modulusLength ?? 2048) < 2048) return 'its key is too short'
  const attributes = signer.signedAttrs
  if (attributes === undefined) return 'it has no signed attributes'
  const valueOf = (type: string): unknown => {
    const found = attributes.attributes.filter((one) => one.type === type)
    return found.length === 1 && found[0]?.values.length === 1 ? (found[0].values as unknown[])[0] : undefined
  }
  const type = valueOf(oids.contentType) as { valueBlock?: { toString(): string } } | undefined
  if (type?.valueBlock?.toString() !== oids.data) return 'it signs another type of content'
  const claimed = valueOf(oids.messageDigest) as { valueBlock?: { valueHexView?: Uint8Array } } | undefined
  if (!equal(claimed?.valueBlock?.valueHexView, createHash(digest).update(content).digest()))
    return 'the files are not those that were signed'
  const bytes = Buffer.from(attributes.encodedValue)
  if (!verify(digest, bytes, publicKey, Buffer.from(signer.signature.valueBlock.valueHexView)))
    return 'it was not made with the key of its certificate'
  const time = valueOf(oids.signingTime) as { toDate?: () => Date } | undefined
  const rest = certificates.filter((one) => one !== leaf).map(({ x509 }) => x509)
  return { certificates: [leaf.x509, ...rest], signedAt: time?.toDate?.().getTime() }
}

function isOf(signer: Cms.SignerInfo, certificate: Cms.Certificate, cms: typeof Cms): boolean {
  const { sid } = signer as { readonly sid: unknown }
  if (!(sid instanceof cms.IssuerAndSerialNumber)) return false
  return sid.issuer.isEqual(certificate.issuer) && sid.serialNumber.isEqual(certificate.serialNumber)
}

const equal = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && a.length === b.length && timingSafeEqual(a, b)
