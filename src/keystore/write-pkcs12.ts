import { createPrivateKey, type KeyObject } from 'node:crypto'

import { der } from './asn1.ts'
import { fingerprintOf, readCertificates } from './certificates.ts'
import { faults } from './faults.ts'
import { formsOf, type PasswordForms } from './password-derivation.ts'
import { encryptByPassword, makeMac } from './password-encryption.ts'
import { anyPurpose, bags, contents, oracleTrustedUsage } from './pkcs12-names.ts'

export interface Pkcs12Request {
  /** PEM, leaf first. */
  readonly chain: string
  /** PEM, not encrypted. */
  readonly privateKey: string
  /** 8 to 128 characters of printable ASCII: more than that, Java and Windows do not read alike. */
  readonly password: string
  /** The alias. Java knows it in lower case only, so that is how it is written. */
  readonly friendlyName: string
  /** Authorities that Java is to trust: entries of their own beside the key. */
  readonly trusted?: readonly { readonly certificate: string; readonly friendlyName: string }[]
}

/** @throws keystore.passwordUnfit, certificateUnreadable, keyUnreadable, keyOfAnother */
export async function createPkcs12({
  chain,
  privateKey,
  password,
  friendlyName,
  trusted = [],
}: Pkcs12Request): Promise<Buffer> {
  if (!/^[\x20-\x7e]{8,128}$/.test(password)) throw faults.passwordUnfit()
  const forms = formsOf(password)
  const [leaf, ...issuers] = readCertificates(chain)
  const key = readKey(privateKey)
  if (leaf === undefined || !leaf.checkPrivateKey(key)) throw faults.keyOfAnother({ alias: friendlyName })
  const names = [
    attribute(bags.friendlyName, der.text(friendlyName.toLowerCase())),
    attribute(bags.localKeyId, der.octets(Buffer.from(fingerprintOf(leaf), 'hex'))),
  ]
  const anchors = trusted.flatMap((each) =>
    readCertificates(each.certificate).map((certificate) => ({ certificate, name: each.friendlyName.toLowerCase() })),
  )
  // Each certificate once: Java takes a trusted one for the chain of the key, too.
  const trustedOnes = new Set(anchors.map(({ certificate }) => fingerprintOf(certificate)))
  const certificates = der.sequence(
    certificateBag(leaf.raw, names),
    ...issuers.filter((each) => !trustedOnes.has(fingerprintOf(each))).map((each) => certificateBag(each.raw, [])),
    ...anchors.map(({ certificate, name }) =>
      certificateBag(certificate.raw, [
        attribute(bags.friendlyName, der.text(name)),
        attribute(oracleTrustedUsage, der.oid(anyPurpose)),
      ]),
    ),
  )
  const keys = der.sequence(await keyBag(key, names, forms))
  const safe = der.sequence(await encrypted(certificates, forms), data(keys))
  return der.sequence(der.integer(3), data(safe), await makeMac(safe, forms))
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw faults.keyUnreadable({ why: 'it is no private key in PEM' }, { cause })
  }
}

const data = (content: Buffer): Buffer => der.sequence(der.oid(contents.data), der.tagged(0, der.octets(content)))

async function encrypted(content: Buffer, password: PasswordForms): Promise<Buffer> {
  const sealed = await encryptByPassword(content, password)
  const info = der.sequence(der.oid(contents.data), sealed.algorithm, der.taggedOctets(0, sealed.content))
  return der.sequence(der.oid(contents.encryptedData), der.tagged(0, der.sequence(der.integer(0), info)))
}

const attribute = (type: string, value: Buffer): Buffer => der.sequence(der.oid(type), der.set(value))

const bag = (type: string, value: Buffer, attributes: readonly Buffer[]): Buffer =>
  der.sequence(der.oid(type), der.tagged(0, value), ...(attributes.length > 0 ? [der.set(...attributes)] : []))

const certificateBag = (raw: Buffer, attributes: readonly Buffer[]): Buffer =>
  bag(bags.certificate, der.sequence(der.oid(bags.x509), der.tagged(0, der.octets(raw))), attributes)

async function keyBag(key: KeyObject, attributes: readonly Buffer[], password: PasswordForms): Promise<Buffer> {
  const sealed = await encryptByPassword(key.export({ type: 'pkcs8', format: 'der' }), password)
  return bag(bags.shroudedKey, der.sequence(sealed.algorithm, der.octets(sealed.content)), attributes)
}
