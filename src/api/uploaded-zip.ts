import { faults } from './faults.ts'

const zipStart = Buffer.from('PK\u0003\u0004', 'latin1')

/**
 * The zip of a body: the body itself, or the file part of `multipart/form-data` (RFC 7578).
 * @throws api.uploadInvalid
 */
export function uploadedZip(body: Buffer, contentType: string): Buffer {
  const boundary = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  const content = boundary ? firstZip(body, boundary[1] ?? boundary[2] ?? '') : body
  if (!content?.subarray(0, 4).equals(zipStart)) throw faults.uploadInvalid()
  return content
}

/** The content of the first part that is a zip. Parts end where the next boundary begins. */
function firstZip(body: Buffer, boundary: string): Buffer | undefined {
  const delimiter = Buffer.from(`--${boundary}`)
  let start = body.indexOf(delimiter)
  while (start >= 0) {
    const head = body.indexOf('\r\n\r\n', start)
    const end = body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), start + delimiter.length)
    if (head < 0 || end < 0 || head > end) return undefined
    const content = body.subarray(head + 4, end)
    if (content.subarray(0, 4).equals(zipStart)) return content
    start = end + 2
  }
  return undefined
}
