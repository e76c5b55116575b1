/** MIME Multipart Decode: makes the first part of a multipart message the body, and the others attachments. */
export { mimeMultipartDecode } from './mime-multipart-decode.ts'
