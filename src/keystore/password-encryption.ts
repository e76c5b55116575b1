import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'

import { type Asn1, der } from './asn1.ts'
import { faults } from './faults.ts'
import {
  derive,
  drawOld,
  drawPbkdf2,
  hmacs,
  hmacSha256Oid,
  type PasswordForms,
  pbkdf2Oid,
  takeRounds,
} from './password-derivation.ts'
import { decryptRc2 } from './rc2.ts'

/** How often the password is hashed in what is written: 3 times this stays below the limits of Windows (.NET). */
const iterations = 100_000

const oids = {
  pbes2: '1.2.840.113549.1.5.13',
  pbmac1: '1.2.840.113549.1.5.14',
  aes256: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const

const hashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  [oids.sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** Ciphers of PBES2 with the length of their key in bytes. */
const ciphers: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  [oids.aes256]: ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
}
/** The schemes of PKCS#12 itself (RFC 7292, appendix C), all with SHA-1. */
const oldSchemes: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '1.2.840.113549.1.12.1.3': ['des-ede3-cbc', 24],
  '1.2.840.113549.1.12.1.4': ['des-ede-cbc', 16],
  '1.2.840.113549.1.12.1.5': ['rc2', 16],
  '1.2.840.113549.1.12.1.6': ['rc2', 5],
}

/**
 * Decrypts with a password as the algorithm identifier says: PBES2 (RFC 8018) or a scheme of PKCS#12. Undefined when
 * the password is wrong.
 * @throws keystore.pkcs12Unsupported
 */
export async function decryptByPassword(
  algorithm: Asn1,
  content: Buffer,
  password: PasswordForms,
): Promise<Buffer | undefined> {
  const scheme = algorithm.part(0).oid()
  const parameters = algorithm.part(1)
  if (scheme === oids.pbes2) {
    const [by, used] = [parameters.part(0), parameters.part(1)]
    if (by.part(0).oid() !== pbkdf2Oid) throw faults.pkcs12Unsupported({ what: `keys by ${by.part(0).oid()}` })
    const [name, keyBytes] = ciphers[used.part(0).oid()] ?? []
    if (name === undefined) throw faults.pkcs12Unsupported({ what: `the cipher ${used.part(0).oid()}` })
    const key = await drawPbkdf2(by.part(1), password, keyBytes)
    return decipher({ name, key, iv: used.part(1).octets(), content })
  }
  const [name, keyBytes] = oldSchemes[scheme] ?? []
  if (name === undefined || keyBytes === undefined) throw faults.pkcs12Unsupported({ what: `the cipher ${scheme}` })
  const base = { algorithm: 'sha1', password: password.utf16, salt: parameters.part(0).octets() }
  const rounds = takeRounds(parameters.part(1).integer(), password)
  const key = await drawOld({ ...base, rounds, purpose: 1, length: keyBytes })
  const iv = await drawOld({ ...base, rounds, purpose: 2, length: 8 })
  return name === 'rc2' ? decryptRc2({ key, bits: 8 * keyBytes, iv, content }) : decipher({ name, key, iv, content })
}

function decipher(given: { name: string; key: Buffer; iv: Buffer; content: Buffer }): Buffer | undefined {
  try {
    const decipher = createDecipheriv(given.name, given.key, given.iv)
    return Buffer.concat([decipher.update(given.content), decipher.final()])
  } catch {
    return undefined
  }
}

/** True when the MAC of a PKCS#12 file (RFC 7292, 4; RFC 9579) is the one that this password makes. */
export async function macFits(macData: Asn1, content: Buffer, password: PasswordForms): Promise<boolean> {
  const [algorithm, expected] = [macData.part(0).part(0), macData.part(0).part(1).octets()]
  const scheme = algorithm.part(0).oid()
  if (scheme === oids.pbmac1) {
    const [by, mac] = [algorithm.part(1).part(0), algorithm.part(1).part(1).part(0).oid()]
    const name = hmacs[mac]
    if (by.part(0).oid() !== pbkdf2Oid || name === undefined)
      throw faults.pkcs12Unsupported({ what: `the checksum ${mac}` })
    const key = await drawPbkdf2(by.part(1), password, undefined)
    return equal(createHmac(name, key).update(content).digest(), expected)
  }
  const name = hashes[scheme]
  if (name === undefined) throw faults.pkcs12Unsupported({ what: `the checksum ${scheme}` })
  const [, salt, counted] = macData.parts()
  const rounds = takeRounds(counted?.integer() ?? 1, password)
  const key = await macKey(name, password, salt?.octets() ?? Buffer.alloc(0), rounds)
  return equal(createHmac(name, key).update(content).digest(), expected)
}

const macKey = (algorithm: string, password: PasswordForms, salt: Uint8Array, rounds: number): Promise<Buffer> =>
  drawOld({
    algorithm,
    password: password.utf16,
    salt,
    rounds,
    purpose: 3,
    length: hash(algorithm, '', 'buffer').length,
  })

const equal = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other)

/** Encrypts under PBES2 with AES-256-CBC, the key by PBKDF2 with HMAC-SHA-256. */
export async function encryptByPassword(
  content: Uint8Array,
  password: PasswordForms,
): Promise<{ readonly algorithm: Buffer; readonly content: Buffer }> {
  const [salt, iv] = [randomBytes(16), randomBytes(16)]
  const key = await derive(password.utf8, salt, iterations, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const prf = der.sequence(der.oid(hmacSha256Oid), der.nothing())
  const by = der.sequence(der.oid(pbkdf2Oid), der.sequence(der.octets(salt), der.integer(iterations), prf))
  const used = der.sequence(der.oid(oids.aes256), der.octets(iv))
  return {
    algorithm: der.sequence(der.oid(oids.pbes2), der.sequence(by, used)),
    content: Buffer.concat([cipher.update(content), cipher.final()]),
  }
}

/** `MacData` (RFC 7292, 4) with HMAC-SHA-256. */
export async function makeMac(content: Uint8Array, password: PasswordForms): Promise<Buffer> {
  const salt = randomBytes(16)
  const mac = createHmac('sha256', await macKey('sha256', password, salt, iterations))
    .update(content)
    .digest()
  const digest = der.sequence(der.sequence(der.oid(oids.sha256), der.nothing()), der.octets(mac))
  return der.sequence(digest, der.octets(salt), der.integer(iterations))
}
