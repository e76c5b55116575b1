/** Base64 Decode: turns a Base64 body back into its bytes. */
export { base64Decode } from './base64-decode.ts'
