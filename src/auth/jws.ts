import { constants, type KeyObject, verify } from 'node:crypto'

/** A JWS in compact form (RFC 7515), taken apart; its signature is not verified yet. */
export interface ReadJws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signed: string
  readonly signature: Buffer
}

/** More than any token or client assertion needs. */
const longest = 16_384
const alphabet = /^[A-Za-z0-9_-]+$/

/** Reads strictly: three parts of canonical base64url, header and payload are JSON objects. Else says why not. */
export function readJws(text: string): ReadJws | string {
  if (text.length > longest) return `it has more than ${longest} characters`
  const parts = text.split('.')
  const [head = '', body = '', tail = ''] = parts
  if (parts.length !== 3) return 'it has not three parts'
  const bytes = [head, body, tail].map(bytesOf)
  const [headBytes, bodyBytes, signature] = bytes
  if (headBytes === undefined || bodyBytes === undefined || signature === undefined)
    return 'a part of it is not base64url'
  const header = objectOf(headBytes)
  const payload = objectOf(bodyBytes)
  if (header === undefined || payload === undefined) return 'header or payload is no JSON object'
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return 'its header asks for extensions'
  return { header, payload, signed: `${head}.${body}`, signature }
}

function bytesOf(part: string): Buffer | undefined {
  if (!alphabet.test(part)) return undefined
  const bytes = Buffer.from(part, 'base64url')
  // The last character can hold bits that do not count: another spelling is another token.
  return bytes.toString('base64url') === part ? bytes : undefined
}

const text = new TextDecoder('utf-8', { fatal: true })

function objectOf(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }
const algorithm = /^(RS|PS|ES)(256|384|512)$/

/** Whether the signature is that of the key by exactly this algorithm. False for every other algorithm. */
export function verifyJws(alg: unknown, key: KeyObject, { signed, signature }: ReadJws): boolean {
  const [, family, bits] = (typeof alg === 'string' && algorithm.exec(alg)) || []
  if (family === undefined || key.type !== 'public') return false
  const digest = `sha${bits}`
  const data = Buffer.from(signed, 'ascii')
  if (family === 'ES') {
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== curves[String(alg)]) return false
    return verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
  if (key.asymmetricKeyType !== 'rsa') return false
  if (family === 'RS') return verify(digest, data, key, signature)
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return verify(digest, data, { key, ...padding }, signature)
}
