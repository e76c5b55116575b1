import type { Pkcs12Content } from './read-pkcs12.ts'
import type { Pkcs12Request } from './write-pkcs12.ts'

export type { Pkcs12Content } from './read-pkcs12.ts'
export type { Pkcs12Request } from './write-pkcs12.ts'

// Both are loaded when they are needed and not before: most processes never see a PKCS#12 file.

/**
 * A PKCS#12 file (RFC 7292) of a private key with its chain: PBES2 with AES-256-CBC, HMAC-SHA-256.
 * @throws keystore.passwordUnfit, certificateUnreadable, keyUnreadable, keyOfAnother
 */
export async function writePkcs12(request: Pkcs12Request): Promise<Buffer> {
  const { createPkcs12 } = await import('./write-pkcs12.ts')
  return createPkcs12(request)
}

/**
 * Reads a PKCS#12 file (RFC 7292), also one of old programs: RC2, 3DES, SHA-1, BER.
 * @throws keystore.pkcs12Unreadable, pkcs12PasswordWrong, pkcs12Unsupported
 */
export async function readPkcs12(bytes: Uint8Array, password: string): Promise<Pkcs12Content> {
  const { parsePkcs12 } = await import('./read-pkcs12.ts')
  return parsePkcs12(bytes, password)
}
