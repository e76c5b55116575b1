import { randomBytes, randomFillSync, randomUUID } from 'node:crypto'

// Random bytes are drawn for many ids at once: one call to the generator costs more than the bytes themselves.
const pool = Buffer.allocUnsafe(16 * 1024)
let used = pool.length

function draw(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}

const guid = Buffer.alloc(21)

/**
 * The id of a message as the original forms it: 28 characters of base64url, beginning with the time in seconds, so
 * that ids sort roughly by age.
 */
export function messageGuid(now: number): string {
  guid.writeUInt32BE(Math.floor(now / 1000), 1)
  draw(16).copy(guid, 5)
  return guid.toString('base64url')
}

export const uuid = (): string => randomUUID()

/** 32 characters of lower-case hex, as the original writes ids of runs and stored entries. */
export const hexId = (): string => randomBytes(16).toString('hex')

/** A secret of 256 bits, in base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** A short id that a person can read out: six groups would be too long, ten characters without vowels are enough. */
export function referenceId(): string {
  const alphabet = '23456789BCDFGHJKLMNPQRSTVWXZ'
  let id = ''
  for (const byte of draw(10)) id += alphabet[byte % alphabet.length]
  return id
}
