import type { IncomingMessage } from 'node:http'

const most = 16_384

/** The fields of the log-on form. A request that is none has none. */
export async function readLogOn(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= most) chunks.push(chunk)
  }
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')
  return new URLSearchParams(isForm && size <= most ? Buffer.concat(chunks).toString('utf8') : '')
}
