import { promisify } from 'node:util'
import zlib from 'node:zlib'

import { Body, type Exchange } from '../../message/index.ts'
import { type Answer, httpFaults as faults } from '../../outbound/index.ts'
import { rememberDecisions } from '../decisions.ts'
import { readHeaderList } from './request-headers.ts'

type Expand = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const codings: Readonly<Record<string, Expand>> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
  zstd: promisify(zlib.zstdDecompress),
}

/** Headers that describe the transfer, not the message, in lower case. */
const transfer = new Set(['connection', 'content-length', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade'])
// A receiver must not steer the flow: these names belong to the platform.
const reserved = /^(?:camel|org\.apache\.camel|sap_)/

/** Undoes the codings the answer names, up to `limit` bytes. @throws http.answerInvalid, http.answerTooLarge */
export async function expanded(answer: Answer, url: string, limit: number): Promise<Answer> {
  const { 'content-encoding': coding, ...headers } = answer.headers
  if (coding === undefined || answer.body.length === 0) return answer
  let { body } = answer
  for (const name of String(coding).toLowerCase().split(',').reverse()) {
    const expand = codings[name.trim()]
    if (expand === undefined && name.trim() !== 'identity') {
      throw faults.answerInvalid({ url, why: 'its content coding is not known.' })
    }
    if (expand) body = await expandUpTo(expand, body, url, limit)
  }
  return { ...answer, headers, body }
}

async function expandUpTo(expand: Expand, bytes: Buffer, url: string, limit: number): Promise<Buffer> {
  try {
    return await expand(bytes, { maxOutputLength: limit })
  } catch (cause) {
    const tooLarge = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    throw tooLarge
      ? faults.answerTooLarge({ url, limit }, { cause })
      : faults.answerInvalid({ url, why: 'its content coding is broken.' }, { cause })
  }
}

/** Compiles the list of response headers that become message headers; returns what puts an answer into a message. */
export function compileTakeAnswer(list: string): (answer: Answer, exchange: Exchange) => void {
  const allowed = readHeaderList(list)
  const may = rememberDecisions(
    (name) => !transfer.has(name) && !reserved.test(name) && (allowed === undefined || allowed.has(name)),
  )
  return ({ status, statusText, headers, body }, exchange) => {
    for (const name in headers) {
      const value = headers[name]
      if (value !== undefined && may(name)) exchange.headers.set(spelling(name), value)
    }
    exchange.headers.set('CamelHttpResponseCode', status)
    if (statusText !== '') exchange.headers.set('CamelHttpResponseText', statusText)
    exchange.body = Body.ofBytes(body, charsetOf(headers['content-type']))
  }
}

/** Scripts look for the usual spelling of the one header they read most. */
const spelling = (name: string): string => (name === 'content-type' ? 'Content-Type' : name)

/** The charset a Content-Type names; undefined where it names none. */
export function charsetOf(contentType: string | string[] | undefined): string | undefined {
  if (typeof contentType !== 'string' || !contentType.includes('=')) return undefined
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]
}
