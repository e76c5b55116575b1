import { hash, pbkdf2 } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'

import type { Asn1 } from './asn1.ts'
import { faults } from './faults.ts'

/** Bytes out of a password by PBKDF2 (RFC 8018, 5.2), without keeping others waiting. */
export const derive = promisify(pbkdf2)

export const pbkdf2Oid = '1.2.840.113549.1.5.12'
export const hmacSha256Oid = '1.2.840.113549.2.9'

/** HMACs by object identifier. */
export const hmacs: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  [hmacSha256Oid]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

/** A file that is read may ask for so many rounds of hashing in all. */
const mostRounds = 5_000_000

/** A password in the two forms in which it is hashed: UTF-8, and UTF-16 with a zero at its end. */
export interface PasswordForms {
  readonly utf8: Buffer
  readonly utf16: Buffer
  /** Rounds of hashing that may still be asked for. */
  readonly budget: { left: number }
}

/** An empty password is hashed by some programs as nothing at all; `bare` does the same. */
export function formsOf(password: string, bare = false): PasswordForms {
  const utf16 = bare ? Buffer.alloc(0) : Buffer.from(`${password}\0`, 'utf16le').swap16()
  return { utf8: Buffer.from(password, 'utf8'), utf16, budget: { left: mostRounds } }
}

/** The rounds, if the budget of the file has room for them. @throws keystore.pkcs12Unsupported */
export function takeRounds(rounds: number, { budget }: PasswordForms): number {
  if (rounds < 1 || rounds > budget.left)
    throw faults.pkcs12Unsupported({ what: `${rounds} rounds of hashing (at most ${mostRounds} in all)` })
  budget.left -= rounds
  return rounds
}

/** Bytes out of a password as PKCS#12 draws them (RFC 7292, B.2); purpose 1 is a key, 2 an IV, 3 a MAC key. */
export async function drawOld(given: {
  readonly algorithm: string
  readonly password: Buffer
  readonly salt: Uint8Array
  readonly rounds: number
  readonly purpose: 1 | 2 | 3
  readonly length: number
}): Promise<Buffer> {
  const { algorithm, password, salt, rounds, purpose, length } = given
  const block = algorithm === 'sha384' || algorithm === 'sha512' ? 128 : 64
  const filled = (bytes: Uint8Array): Buffer =>
    bytes.length === 0 ? Buffer.alloc(0) : Buffer.alloc(block * Math.ceil(bytes.length / block), bytes)
  const diversifier = Buffer.alloc(block, purpose)
  const input = Buffer.concat([filled(salt), filled(password)])
  const drawn: Buffer[] = []
  for (let size = 0; size < length; ) {
    let digest = hash(algorithm, Buffer.concat([diversifier, input]), 'buffer')
    for (let round = 1; round < rounds; round++) {
      digest = hash(algorithm, digest, 'buffer')
      // Others get their turn: this is a matter of tenths of a second.
      if (round % 5_000 === 0) await setImmediate()
    }
    drawn.push(digest)
    size += digest.length
    addToBlocks(input, Buffer.alloc(block, digest))
  }
  return Buffer.concat(drawn).subarray(0, length)
}

/** Adds `addend + 1` to each block of its length, as big numbers without the carry. */
function addToBlocks(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1
    for (let at = addend.length - 1; at >= 0; at--) {
      carry += (input[start + at] ?? 0) + (addend[at] ?? 0)
      input[start + at] = carry & 0xff
      carry >>= 8
    }
  }
}

/** Key by PBKDF2 (RFC 8018, 5.2) as its parameters say; `keyBytes` where they do not name a length. */
export async function drawPbkdf2(
  parameters: Asn1,
  password: PasswordForms,
  keyBytes: number | undefined,
): Promise<Buffer> {
  const [salt, rounds, ...rest] = parameters.parts()
  const optional = rest.map((each) => each.bytes()[0] === 0x30)
  const algorithm = rest[optional.indexOf(true)]?.part(0).oid()
  const name = algorithm === undefined ? 'sha1' : hmacs[algorithm]
  const length = optional[0] === false ? rest[0]?.integer() : keyBytes
  if (salt === undefined || rounds === undefined || length === undefined || length < 1 || length > 64)
    throw new Error('the parameters of PBKDF2 are incomplete')
  if (name === undefined) throw faults.pkcs12Unsupported({ what: `the hash ${algorithm}` })
  return derive(password.utf8, salt.octets(), takeRounds(rounds.integer(), password), length, name)
}
