import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

import { Fault } from '../base/index.ts'
import { type Asn1, readAsn1 } from './asn1.ts'
import { fingerprintOf } from './certificates.ts'
import { faults } from './faults.ts'
import { formsOf, type PasswordForms } from './password-derivation.ts'
import { decryptByPassword, macFits } from './password-encryption.ts'
import { bags, contents, oracleTrustedUsage } from './pkcs12-names.ts'

export interface Pkcs12Content {
  readonly keyPairs: readonly {
    /** The friendly name. */
    readonly alias: string | undefined
    /** PEM: the leaf and those of its issuers that the file has; '' for a key without a certificate. */
    readonly chain: string
    readonly key: KeyObject
  }[]
  /** Certificates that stand alone: those of no chain, and those marked as trusted. */
  readonly certificates: readonly { readonly alias: string | undefined; readonly certificate: X509Certificate }[]
}

interface Found {
  readonly keys: { readonly alias: string | undefined; readonly key: KeyObject }[]
  readonly certificates: {
    readonly alias: string | undefined
    readonly certificate: X509Certificate
    readonly trusted: boolean
  }[]
}

const largest = 4 * 1024 * 1024
const mostBags = 500
const deepest = 8

/** @throws keystore.pkcs12Unreadable, pkcs12PasswordWrong, pkcs12Unsupported */
export async function parsePkcs12(bytes: Uint8Array, password: string): Promise<Pkcs12Content> {
  if (bytes.length > largest) throw faults.pkcs12Unreadable({ why: 'it is larger than 4 MB' })
  if (bytes[0] !== 0x30) throw faults.pkcs12Unreadable({ why: 'it is no DER or BER' })
  try {
    return assemble(await read(readAsn1(bytes), password))
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.pkcs12Unreadable({ why: 'its content is damaged, cut off, or of another format' }, { cause })
  }
}

async function read(pfx: Asn1, password: string): Promise<Found> {
  const [version, safe, mac] = pfx.parts()
  if (version?.integer() !== 3 || safe === undefined) throw faults.pkcs12Unreadable({ why: 'it is not version 3' })
  if (safe.part(0).oid() !== contents.data)
    throw faults.pkcs12Unsupported({ what: 'a signature instead of a password' })
  if (mac === undefined)
    throw faults.pkcs12Unsupported({ what: 'no checksum (MAC), so nothing shows that it is whole' })
  const content = safe.part(1).part(0).octets()
  const forms = await fitting(mac, content, password)
  const found: Found = { keys: [], certificates: [] }
  for (const info of readAsn1(content).parts()) {
    const plain = await plainOf(info, forms)
    await readBags(readAsn1(plain), forms, found, 0)
  }
  return found
}

/** The form of the password with which the checksum fits. @throws keystore.pkcs12PasswordWrong */
async function fitting(mac: Asn1, content: Buffer, password: string): Promise<PasswordForms> {
  for (const bare of password === '' ? [false, true] : [false]) {
    const forms = formsOf(password, bare)
    if (await macFits(mac, content, forms)) return forms
  }
  throw faults.pkcs12PasswordWrong()
}

async function plainOf(info: Asn1, password: PasswordForms): Promise<Buffer> {
  const type = info.part(0).oid()
  if (type === contents.data) return info.part(1).part(0).octets()
  if (type !== contents.encryptedData) throw faults.pkcs12Unsupported({ what: 'content encrypted for a certificate' })
  const sealed = info.part(1).part(0).part(1)
  return decrypted(sealed.part(1), sealed.part(2).octets(), password)
}

async function decrypted(algorithm: Asn1, content: Buffer, password: PasswordForms): Promise<Buffer> {
  const plain = await decryptByPassword(algorithm, content, password)
  if (plain === undefined) throw faults.pkcs12Unsupported({ what: 'one password for the file and another for a part' })
  return plain
}

async function readBags(safe: Asn1, password: PasswordForms, found: Found, depth: number): Promise<void> {
  if (depth > deepest) throw faults.pkcs12Unreadable({ why: 'it is nested too deeply' })
  for (const each of safe.parts()) {
    if (found.keys.length + found.certificates.length >= mostBags)
      throw faults.pkcs12Unreadable({ why: `it has more than ${mostBags} entries` })
    const value = each.part(1).part(0)
    const attributes = each.parts()[2]
    const alias = attributeOf(attributes, bags.friendlyName)?.text()
    switch (each.part(0).oid()) {
      case bags.key:
        found.keys.push({ alias, key: keyOf(value.bytes()) })
        break
      case bags.shroudedKey:
        found.keys.push({ alias, key: keyOf(await decrypted(value.part(0), value.part(1).octets(), password)) })
        break
      case bags.certificate: {
        if (value.part(0).oid() !== bags.x509) break
        const certificate = new X509Certificate(value.part(1).part(0).octets())
        found.certificates.push({
          alias,
          certificate,
          trusted: attributeOf(attributes, oracleTrustedUsage) !== undefined,
        })
        break
      }
      case bags.nested:
        await readBags(value, password, found, depth + 1)
        break
    }
  }
}

/** The first value of an attribute. */
const attributeOf = (attributes: Asn1 | undefined, type: string): Asn1 | undefined =>
  attributes
    ?.parts()
    .find((each) => each.part(0).oid() === type)
    ?.part(1)
    .parts()[0]

const keyOf = (der: Buffer): KeyObject => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })

/** Puts each key together with its certificate and the issuers above it. */
function assemble({ keys, certificates }: Found): Pkcs12Content {
  const used = new Set<string>()
  const keyPairs = keys.map(({ alias, key }) => {
    const leaf = certificates.find(({ certificate }) => certificate.checkPrivateKey(key))
    const chain: X509Certificate[] = []
    for (let next = leaf?.certificate; next !== undefined && !chain.includes(next); ) {
      const last: X509Certificate = next
      chain.push(last)
      used.add(fingerprintOf(last))
      next = certificates.find(
        ({ certificate }) =>
          certificate !== last && last.checkIssued(certificate) && last.verify(certificate.publicKey),
      )?.certificate
    }
    return { alias: alias ?? leaf?.alias, chain: chain.map((each) => each.toString()).join(''), key }
  })
  const alone = certificates.filter(({ certificate, trusted }) => trusted || !used.has(fingerprintOf(certificate)))
  return { keyPairs, certificates: alone.map(({ alias, certificate }) => ({ alias, certificate })) }
}
