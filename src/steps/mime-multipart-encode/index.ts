/** MIME Multipart Encode: makes one multipart message of the body and the attachments. */
export { mimeMultipartEncode } from './mime-multipart-encode.ts'
