import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto'

import { oids, signedContent } from './bundle-signature.ts'
import { faults } from './faults.ts'
import type { Bundle } from './model.ts'

/**
 * Makes the signature of a bundle with an RSA or EC key; certificates in PEM, that of the key first, then those up to
 * its root.
 * @throws flow.signingKeyUnfit
 */
export async function signBundle(
  bundle: Bundle,
  key: { readonly privateKey: KeyObject; readonly certificates: readonly string[] },
  now: number,
): Promise<Buffer> {
  checkKey(key)
  const [asn1, cms] = await Promise.all([import('asn1js'), import('pkijs')])
  const certificates = key.certificates.map((pem) =>
    cms.Certificate.fromBER(Uint8Array.from(new X509Certificate(pem).raw)),
  )
  const [leaf] = certificates
  if (leaf === undefined) throw faults.signingKeyUnfit({ why: 'there is no certificate' })
  const digest = createHash('sha256').update(signedContent(bundle)).digest()
  const given: readonly (readonly [string, object])[] = [
    [oids.contentType, new asn1.ObjectIdentifier({ value: oids.data })],
    [oids.signingTime, new asn1.UTCTime({ valueDate: new Date(now) })],
    [oids.messageDigest, new asn1.OctetString({ valueHex: Uint8Array.from(digest) })],
  ]
  // A SET in DER is sorted.
  const attributes = given
    .map(([type, value]) => new cms.Attribute({ type, values: [value] }))
    .map((one) => ({ one, bytes: Buffer.from(one.toSchema().toBER()) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ one }) => one)
  const toBeSigned = new asn1.Set({ value: attributes.map((one) => one.toSchema()) }).toBER()
  const rsa = key.privateKey.asymmetricKeyType === 'rsa'
  const sha256 = new cms.AlgorithmIdentifier({ algorithmId: oids.sha256 })
  const signer = new cms.SignerInfo({
    version: 1,
    sid: new cms.IssuerAndSerialNumber({ issuer: leaf.issuer, serialNumber: leaf.serialNumber }),
    digestAlgorithm: sha256,
    signedAttrs: new cms.SignedAndUnsignedAttributes({ type: 0, attributes }),
    signatureAlgorithm: new cms.AlgorithmIdentifier({ algorithmId: rsa ? oids.rsa : oids.ecdsaWithSha256 }),
    signature: new asn1.OctetString({
      valueHex: Uint8Array.from(sign('sha256', Buffer.from(toBeSigned), key.privateKey)),
    }),
  })
  const signed = new cms.SignedData({
    version: 1,
    digestAlgorithms: [sha256],
    encapContentInfo: new cms.EncapsulatedContentInfo({ eContentType: oids.data }),
    certificates,
    signerInfos: [signer],
  })
  const info = new cms.ContentInfo({ contentType: oids.signedData, content: signed.toSchema(true) })
  return Buffer.from(info.toSchema().toBER())
}

function checkKey({ privateKey, certificates }: Parameters<typeof signBundle>[1]): void {
  const [pem = ''] = certificates
  const type = privateKey.asymmetricKeyType ?? ''
  if (!['rsa', 'ec'].includes(type)) throw faults.signingKeyUnfit({ why: `it is a key of the type ${type}` })
  if (!fits(pem, privateKey)) throw faults.signingKeyUnfit({ why: 'it is not the key of the first certificate' })
}

function fits(pem: string, privateKey: KeyObject): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(privateKey)
  } catch {
    return false
  }
}
