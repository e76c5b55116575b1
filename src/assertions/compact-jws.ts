import { decodeBase64, decodeUtf8 } from './decode-assertion.ts'
import { strictObject } from './strict-json.ts'
import type { Trail } from './trail.ts'

export type Members = Readonly<Record<string, unknown>>

/** A signed token in its parts; nothing of it is believed yet. */
export interface CompactJws {
  readonly header: Members
  readonly claims: Members
  /** What is signed. */
  readonly signed: string
  /** The claims as they are sent. */
  readonly payload: string
  readonly signature: Buffer
}

const longest = 64 * 1024

/** Takes a compact JWS apart (RFC 7515 3.1), strictly. */
export function readCompactJws(token: string, trail: Trail): CompactJws {
  const { length } = token
  if (length > longest) trail.stop('jwt.size', { expected: `${longest} characters`, found: `${length} characters` })
  const parts = token.split('.')
  if (parts.length === 5) trail.stop('jwt.encrypted', { expected: '3 parts', found: '5 parts' })
  const [header = '', payload = '', signature = ''] = parts
  const bytes = [header, payload, signature].map(strictBytes)
  const [headerBytes, payloadBytes, signatureBytes] = bytes
  const wrong = ['header', 'claims', 'signature'].filter((_, index) => bytes[index] === undefined)
  const found = parts.length === 3 ? `no base64url: ${wrong.join(', ')}` : token && `${parts.length} parts`
  if (parts.length !== 3 || !headerBytes || !payloadBytes || !signatureBytes)
    return trail.stop('jwt.form', { expected: '3 parts of base64url', found })
  trail.check('jwt.form', true, { expected: '3 parts of base64url', found: '3 parts of base64url' })
  return {
    header: objectOf(headerBytes, 'jwt.header', trail),
    claims: objectOf(payloadBytes, 'jwt.claims', trail),
    signed: `${header}.${payload}`,
    payload,
    signature: signatureBytes,
  }
}

function strictBytes(text: string): Buffer | undefined {
  return /[+/=]/.test(text) ? undefined : decodeBase64(text)?.bytes
}

function objectOf(bytes: Uint8Array, check: 'jwt.header' | 'jwt.claims', trail: Trail): Members {
  const text = decodeUtf8(bytes)
  const value = text === undefined ? undefined : strictObject(text)
  const seen = { expected: 'a JSON object', found: value === undefined ? 'something else' : 'a JSON object' }
  if (value === undefined) return trail.stop(check, seen)
  trail.check(check, true, seen)
  return value
}
