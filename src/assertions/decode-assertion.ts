const limit = 128 * 1024

type Encoding = 'base64url' | 'base64'

/** The bytes of strict base64url without or with padding, or of base64; undefined for anything else, also odd bits. */
export function decodeBase64(text: string): { readonly bytes: Buffer; readonly encoding: Encoding } | undefined {
  const encoding: Encoding = /[+/]/.test(text) ? 'base64' : 'base64url'
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || (encoding === 'base64' && /[_-]/.test(text))) return undefined
  const bytes = Buffer.from(text, 'base64')
  const bare = text.replace(/=+$/, '')
  // The one right way to write these bytes: no bits that decode to nothing, padding to four or none at all.
  if (bytes.toString(encoding).replace(/=+$/, '') !== bare) return undefined
  if (bare !== text && text.length % 4 !== 0) return undefined
  return { bytes, encoding }
}

/** Text of UTF-8 bytes; undefined where they are none. A byte order mark stays, so that it is found. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Characters that an assertion may have as it is sent. */
export const longestEncoded = Math.ceil((limit * 4) / 3) + 4

/** Bytes that an assertion may have. */
export const longestAssertion = limit
