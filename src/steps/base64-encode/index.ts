/** Base64 Encode: writes the bytes of the body as Base64. */
export { base64Encode } from './base64-encode.ts'
