import { createHmac, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

import { faults } from './faults.ts'

const version = 'f1'
const shortest = 20
const longest = 1024
// The salt is no secret and the same everywhere: two installations have to come to one key.
const salt = 'sluice comparison of secrets 1'
const costs = { cost: 2 ** 17, blockSize: 8, parallelization: 1, maxmem: 256 * 2 ** 20 }

const derive = promisify<string, string, number, object, Buffer>(scrypt)

/**
 * The key with which installations compare secrets, out of a phrase that an administrator gives to each of them. Upper
 * and lower case and the number of blanks do not count. Takes half a second, as does each guess.
 * @throws keystore.comparisonPhraseUnfit
 */
export async function comparisonKey(phrase: string): Promise<Buffer> {
  const plain = phrase.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ')
  if (plain.length < shortest || plain.length > longest)
    throw faults.comparisonPhraseUnfit({ least: shortest, most: longest })
  return derive(plain, salt, 32, costs)
}

/**
 * What tells whether two secrets are equal and nothing else about them, to those who have the key: they could try out
 * secrets that are easy to guess, so fingerprints are shown to administrators only.
 */
export const secretFingerprint = (key: Uint8Array, plain: Uint8Array): string =>
  `${version}.${createHmac('sha256', key).update('secret fingerprint\0').update(plain).digest('hex').slice(0, 32)}`
