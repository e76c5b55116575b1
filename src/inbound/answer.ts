import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

import type { HttpResponse } from '../flow/index.ts'
import { answerText, type Refused } from './refusals.ts'

type Lines = readonly (readonly [string, string])[]

const processingLogId = 'SAP_MessageProcessingLogID'

/** Written by the front door or by Node; a flow does not decide on them. */
const ours = new Set([
  processingLogId.toLowerCase(),
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const unfit = /[^\t\x20-\x7e\x80-\xff]/

/** Bytes up to which a body is joined to its head. */
const joined = 16 * 1024

/** Line breaks would begin a new header: control characters become blanks, what is no Latin-1 goes out as UTF-8. */
const wireValue = (value: string): string =>
  unfit.test(value)
    ? Buffer.from(value, 'utf8')
        .toString('latin1')
        .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ' ')
    : value

function append(to: string[], lines: Lines, except: ReadonlySet<string> | undefined): void {
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    // A name that is no token cannot be written at all (RFC 9110, 5.6.2).
    if (!ours.has(lower) && except?.has(lower) !== true && token.test(name)) to.push(name, wireValue(value))
  }
}

/** Sends what a flow answered. `extra` are headers of the front door; they win over the flow's. */
export function sendAnswer(
  response: ServerResponse,
  given: { readonly method: string; readonly messageId: string; readonly answer: HttpResponse; readonly extra: Lines },
): void {
  const { method, messageId, answer, extra } = given
  const { status, headers, body } = answer
  const lines = [processingLogId, messageId]
  append(lines, headers, extra.length === 0 ? undefined : new Set(extra.map(([name]) => name.toLowerCase())))
  append(lines, extra, undefined)
  if (status === 204 || status === 304) {
    response.writeHead(status, lines)
    response.end()
    return
  }
  const bytes = body.spooled === undefined ? body.bytes() : undefined
  lines.push('Content-Length', String(bytes?.length ?? body.length))
  response.writeHead(status, lines)
  if (method === 'HEAD') response.end()
  // Node joins head and body into one write when the body is a string: half the cost of two for a small answer.
  else if (bytes !== undefined && bytes.length <= joined) response.end(bytes.toString('latin1'), 'latin1')
  else if (bytes !== undefined) response.end(bytes)
  // A file that cannot be read to its end breaks the connection: half an answer must not look whole.
  else pipeline(body.stream(), response, () => undefined)
}

/** Sends a short text of our own. */
export function sendText(
  response: ServerResponse,
  given: {
    readonly method: string
    readonly status: number
    readonly type: string
    readonly text: string | Uint8Array
    readonly headers: Lines
  },
): void {
  const { text } = given
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
  const lines: string[] = []
  for (const [name, value] of given.headers) lines.push(name, value)
  if (bytes.length > 0) lines.push('Content-Type', given.type)
  if (given.status !== 204) lines.push('Content-Length', String(bytes.length))
  response.writeHead(given.status, lines)
  response.end(given.method === 'HEAD' ? undefined : bytes)
}

/** Tells the caller that the call is refused, and nothing else. */
export const sendRefusal = (response: ServerResponse, method: string, refused: Refused, reference: string): void =>
  sendText(response, {
    method,
    status: refused.status,
    type: 'application/json',
    text: answerText(refused.status, reference),
    headers: [...refused.headers, ['Cache-Control', 'no-store']],
  })
