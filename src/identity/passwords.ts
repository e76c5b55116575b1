import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** OWASP's second choice of equal strength: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const tagLength = 32

/** Ends what a tampered record could make a check cost. */
const most = { memory: 1 << 18, passes: 16, parallelism: 8 }

interface Hashed {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly nonce: Buffer
  readonly tag: Buffer
}

const messageOf = (password: string) => Buffer.from(password.normalize('NFC'), 'utf8')
const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')

/** Argon2id (RFC 9106) in PHC form, about 30 ms outside the main thread. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive('argon2id', { message: messageOf(password), nonce, tagLength, ...cost })
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(nonce)}$${base64(tag)}`
}

/** Whether a password is the hashed one. Without a readable hash it takes as long and is false: time tells nothing. */
export async function verifyPassword(hash: string | undefined, password: string): Promise<boolean> {
  const read = hash === undefined ? undefined : readHash(hash)
  const { nonce, tag, ...work } = read ?? nobody
  const given = await derive('argon2id', { message: messageOf(password), nonce, tagLength: tag.length, ...work })
  return timingSafeEqual(given, tag) && read !== undefined
}

/** Stands where there is no hash; nobody knows a password for it. */
const nobody: Hashed = { ...cost, nonce: randomBytes(16), tag: randomBytes(tagLength) }

const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

function readHash(hash: string): Hashed | undefined {
  const [, m, t, p, salt, sum] = phc.exec(hash) ?? []
  if (salt === undefined || sum === undefined) return undefined
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)]
  if (parallelism < 1 || passes < 1 || memory < 8 * parallelism) return undefined
  if (memory > most.memory || passes > most.passes || parallelism > most.parallelism) return undefined
  return { memory, passes, parallelism, nonce: Buffer.from(salt, 'base64'), tag: Buffer.from(sum, 'base64') }
}
