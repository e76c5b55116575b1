import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

import { faults } from './faults.ts'
import type { Sealer } from './ports.ts'

/** Length of the master key and of tenant keys. */
export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/*
 * What sealed text looks like: `s1.<key id>.<base64url of nonce, ciphertext, tag>`. The key id says which key opens it,
 * so that old and new keys can live side by side while one replaces the other. Nonces are random: one key may seal up
 * to 2^32 values (NIST SP 800-38D, 8.3).
 */
const version = 's1'
const shape = /^s1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)$/

/** Names a key without telling anything about it. */
export const keyId = (key: Uint8Array): string =>
  createHmac('sha256', key).update('sluice key id').digest('hex').slice(0, 16)

/** Version, key, tenant and context are bound in; JSON keeps their borders apart. */
const boundIn = (id: string, tenant: string, context: string) =>
  Buffer.from(JSON.stringify([version, id, tenant, context]), 'utf8')

/** The name of the key that sealed a text; undefined for what is not sealed. */
export const sealedWith = (sealed: string): string | undefined => shape.exec(sealed)?.[1]

/** How every text begins that was sealed under a key. */
export const sealedStart = (id: string): string => `${version}.${id}.`

function checked(given: Uint8Array): Buffer {
  const key = Buffer.from(given)
  if (key.length !== keyBytes) throw new RangeError(`a sealing key has ${keyBytes} bytes, not ${key.length}`)
  return key
}

/** Seals under the first key of a ring and opens with the key that the sealed text names. */
export interface RingSealer extends Sealer {
  readonly keys: () => readonly Buffer[]
  /** Goes on with other keys; what was opened before stays open. @throws RangeError as `createSealer` */
  readonly changeKeys: (keys: readonly Uint8Array[]) => void
}

/**
 * Seals with AES-256-GCM for one tenant, under one key or the first of several.
 * @throws RangeError when there is no key, or one is not 32 bytes long
 */
export function createSealer(
  given: { readonly tenant: string } & (
    | { readonly key: Uint8Array; readonly keys?: never }
    | { readonly keys: readonly Uint8Array[]; readonly key?: never }
  ),
): RingSealer {
  const { tenant } = given
  let ring = ringOf(given.keys ?? [given.key])
  return {
    keys: () => ring.keys,
    changeKeys(keys) {
      ring = ringOf(keys)
    },
    seal(plain, context) {
      const { id, key } = ring.current
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      cipher.setAAD(boundIn(id, tenant, context))
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
      return sealedStart(id) + sealed.toString('base64url')
    },
    open(sealed, context) {
      const [, id, encoded] = shape.exec(sealed) ?? []
      if (id === undefined || encoded === undefined)
        throw faults.sealBroken({ context, why: 'it is not in a known format' })
      const key = ring.byId.get(id)
      if (key === undefined) throw faults.sealBroken({ context, why: `it needs the key ${id}` })
      const bytes = Buffer.from(encoded, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) throw faults.sealBroken({ context, why: 'it is cut off' })
      const changed = 'it was changed, or belongs to another place'
      // The last character holds bits that do not count: a change there is a change too.
      if (bytes.toString('base64url') !== encoded) throw faults.sealBroken({ context, why: changed })
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      decipher.setAAD(boundIn(id, tenant, context))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
      } catch (cause) {
        throw faults.sealBroken({ context, why: changed }, { cause })
      }
    },
  }
}

function ringOf(given: readonly Uint8Array[]) {
  const keys = given.map(checked)
  const [key] = keys
  if (key === undefined) throw new RangeError('a sealer needs a key')
  return { keys, current: { id: keyId(key), key }, byId: new Map(keys.map((each) => [keyId(each), each])) }
}

/** A key for one purpose (`csrf`, `cursor`, …) out of a tenant key, so that no key serves two purposes. */
export const deriveKey = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `sluice ${purpose}`, keyBytes))
