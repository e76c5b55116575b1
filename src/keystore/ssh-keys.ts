import { createPublicKey, type KeyObject } from 'node:crypto'

import { faults } from './faults.ts'

/** Names of the curves in SSH (RFC 5656, 10.1) by those of OpenSSL. */
export const sshCurves: Readonly<Record<string, string>> = {
  prime256v1: 'nistp256',
  secp384r1: 'nistp384',
  secp521r1: 'nistp521',
}

/** A string of SSH (RFC 4251, 5): its length in four bytes, then its bytes. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as Uint8Array)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A positive number of SSH (RFC 4251, 5), given as unsigned bytes. */
export function sshNumber(unsigned: Uint8Array): Buffer {
  let from = 0
  while (from < unsigned.length && unsigned[from] === 0) from++
  const bytes = unsigned.subarray(from)
  return sshString((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes)
}

const bytesOf = (value: string | undefined): Buffer => Buffer.from(value ?? '', 'base64url')

/** The algorithm of a public key and the key as SSH encodes it. @throws keystore.keyUnfit where SSH has none such */
export function sshPublicBlob(key: KeyObject): { readonly algorithm: string; readonly blob: Buffer } {
  const open = key.type === 'private' ? createPublicKey(key) : key
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = open
  const jwk = type === 'rsa' || type === 'ec' || type === 'ed25519' ? open.export({ format: 'jwk' }) : {}
  if (type === 'rsa') return blobOf('ssh-rsa', sshNumber(bytesOf(jwk.e)), sshNumber(bytesOf(jwk.n)))
  if (type === 'ed25519') return blobOf('ssh-ed25519', sshString(bytesOf(jwk.x)))
  const curve = sshCurves[details?.namedCurve ?? '']
  if (type !== 'ec' || curve === undefined) throw faults.keyUnfit({ why: `SSH has no keys of the type ${type}` })
  const point = Buffer.concat([Uint8Array.of(4), bytesOf(jwk.x), bytesOf(jwk.y)])
  return blobOf(`ecdsa-sha2-${curve}`, sshString(curve), sshString(point))
}

const blobOf = (algorithm: string, ...parts: readonly Buffer[]) => ({
  algorithm,
  blob: Buffer.concat([sshString(algorithm), ...parts]),
})

/** The public key in one line, as `authorized_keys` takes it. @throws keystore.keyUnfit */
export function openSshPublicKey(key: KeyObject, comment: string): string {
  const { algorithm, blob } = sshPublicBlob(key)
  return `${algorithm} ${blob.toString('base64')} ${comment.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')}`.trimEnd()
}

/** Reads the strings of an SSH encoding one after the other. @throws Error when it ends too early */
export function sshReader(bytes: Buffer): { readonly next: () => Buffer; readonly rest: () => Buffer } {
  let at = 0
  return {
    next() {
      if (at + 4 > bytes.length) throw new Error('it is cut off')
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) throw new Error('it is cut off')
      const found = bytes.subarray(at + 4, end)
      at = end
      return found
    },
    rest: () => bytes.subarray(at),
  }
}
