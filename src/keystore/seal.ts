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

/**
 * Seals with AES-256-GCM under one key for one tenant.
 * @throws RangeError when the key is not 32 bytes long
 */
export function createSealer(given: { readonly key: Uint8Array; readonly tenant: string }): Sealer {
  const { tenant } = given
  const key = Buffer.from(given.key)
  if (key.length !== keyBytes) throw new RangeError(`a sealing key has ${keyBytes} bytes, not ${key.length}`)
  const id = keyId(key)
  return {
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      cipher.setAAD(boundIn(id, tenant, context))
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
      return `${version}.${id}.${sealed.toString('base64url')}`
    },
    open(sealed, context) {
      const [, sealedWith, encoded] = shape.exec(sealed) ?? []
      if (sealedWith === undefined || encoded === undefined)
        throw faults.sealBroken({ context, why: 'it is not in a known format' })
      if (sealedWith !== id) throw faults.sealBroken({ context, why: `it needs the key ${sealedWith}` })
      const bytes = Buffer.from(encoded, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) throw faults.sealBroken({ context, why: 'it is cut off' })
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      decipher.setAAD(boundIn(id, tenant, context))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
      } catch (cause) {
        throw faults.sealBroken({ context, why: 'it was changed, or belongs to another place' }, { cause })
      }
    },
  }
}

const tenantKeyContext = 'tenant key'

/** Draws a key for a tenant and seals it under the master key. */
export function newTenantKey(given: { readonly masterKey: Uint8Array; readonly tenant: string }) {
  const key = randomBytes(keyBytes)
  return {
    key,
    sealedKey: createSealer({ key: given.masterKey, tenant: given.tenant }).seal(key, tenantKeyContext),
  }
}

/** @throws keystore.masterKeyWrong, keystore.sealBroken */
export function openTenantKey(given: {
  readonly masterKey: Uint8Array
  readonly tenant: string
  readonly sealedKey: string
}): Buffer {
  const { masterKey, tenant, sealedKey } = given
  const sealedWith = shape.exec(sealedKey)?.[1]
  if (sealedWith !== undefined && sealedWith !== keyId(masterKey)) throw faults.masterKeyWrong({ tenant })
  return createSealer({ key: masterKey, tenant }).open(sealedKey, tenantKeyContext)
}

/** A key for one purpose (`csrf`, `cursor`, …) out of a tenant key, so that no key serves two purposes. */
export const deriveKey = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `sluice ${purpose}`, keyBytes))
