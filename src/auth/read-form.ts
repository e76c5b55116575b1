import type { IncomingMessage } from 'node:http'

import { refusal } from './oauth-refusal.ts'

/** The parameters of a request, each once. An empty one is as one that was not sent (RFC 6749, 3.2). */
export interface Form {
  readonly get: (name: string) => string | undefined
  /** @throws oauth.parameterMissing */
  readonly need: (name: string) => string
  /** Those of RFC 8693 that may come several times. */
  readonly all: (name: 'audience' | 'resource') => readonly string[]
  /** In the address instead of the body. */
  readonly inQuery: (name: string) => boolean
}

/** SAML assertions with a chain of certificates are the largest. */
export const mostBytes = 256 * 1024
const mostQuery = 8192
const mostParameters = 50
const severalAllowed = new Set(['audience', 'resource'])
/** What clients of the original put into the address. Secrets of users and assertions never go there. */
const queryAllowed = new Set(['grant_type', 'client_id', 'client_secret', 'scope', 'token_format', 'response_type'])

type Values = Map<string, string[]>

/** Reads body and query of a POST. @throws oauth.requestMalformed, oauth.tooLarge, oauth.queryForbidden */
export async function readForm(request: IncomingMessage): Promise<Form> {
  const { headers, url = '' } = request
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
  if (query.length > mostQuery) throw refusal('oauth.requestMalformed', { why: 'its address is too long' })
  const inQuery = parse(query)
  for (const name of inQuery.keys())
    if (!queryAllowed.has(name)) throw refusal('oauth.queryForbidden', { name: shownName(name) })
  const body = await readBody(request)
  if (body.length > 0) checkType(headers['content-type'])
  const values = parse(decoded(body))
  for (const [name, given] of inQuery) {
    if (values.has(name)) throw repeated(name)
    values.set(name, given)
  }
  return formOf(values, inQuery)
}

function formOf(values: Values, query: Values): Form {
  const get = (name: string): string | undefined => values.get(name)?.[0]
  return {
    get,
    need(name) {
      const value = get(name)
      if (value === undefined) throw refusal('oauth.parameterMissing', { name })
      return value
    },
    all: (name) => values.get(name) ?? [],
    inQuery: (name) => query.has(name),
  }
}

function checkType(type: string | undefined): void {
  const [media = '', ...parameters] = (type ?? '').toLowerCase().split(';')
  if (media.trim() !== 'application/x-www-form-urlencoded')
    throw refusal('oauth.requestMalformed', { why: 'its content type is not application/x-www-form-urlencoded' })
  const odd = parameters.map((each) => each.trim()).find((each) => each !== '' && !/^charset="?utf-8"?$/.test(each))
  if (odd !== undefined) throw refusal('oauth.requestMalformed', { why: 'its charset is not UTF-8' })
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const { headers } = request
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    throw refusal('oauth.requestMalformed', { why: 'its body is compressed' })
  if (Number(headers['content-length'] ?? 0) > mostBytes) throw refusal('oauth.tooLarge', { most: mostBytes })
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) {
        request.removeAllListeners('data')
        request.resume()
        reject(refusal('oauth.tooLarge', { most: mostBytes }))
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    const cutOff = () => reject(refusal('oauth.requestMalformed', { why: 'its body ended too early' }))
    request.on('aborted', cutOff)
    request.on('error', cutOff)
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw refusal('oauth.requestMalformed', { why: 'its body is not UTF-8' })
  }
}

/** Pairs of a form, decoded strictly: nothing is dropped that another reader might see. */
function parse(text: string): Values {
  const values: Values = new Map()
  if (text === '') return values
  const pairs = text.split('&')
  if (pairs.length > mostParameters) throw refusal('oauth.requestMalformed', { why: 'it has too many parameters' })
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = unescaped(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : unescaped(pair.slice(equals + 1))
    const present = values.get(name)
    if (present !== undefined && !severalAllowed.has(name)) throw repeated(name)
    if (present === undefined) values.set(name, [value])
    else present.push(value)
  }
  // Only now: an empty one beside another is a repetition, too.
  for (const [name, given] of values) if (given.every((each) => each === '')) values.delete(name)
  return values
}

function unescaped(text: string): string {
  let value: string
  try {
    value = text.includes('%') || text.includes('+') ? decodeURIComponent(text.replaceAll('+', ' ')) : text
  } catch {
    throw refusal('oauth.requestMalformed', {
      why: 'a percent sign is not followed by two hexadecimal digits of UTF-8',
    })
  }
  if (value.includes('\0')) throw refusal('oauth.requestMalformed', { why: 'it holds a NUL character' })
  return value
}

const repeated = (name: string) =>
  refusal('oauth.requestMalformed', { why: `the parameter '${shownName(name)}' comes more than once` })

/** Names are chosen by the caller, and may be a secret in the wrong place. */
const shownName = (name: string): string => (/^[a-z_]{1,40}$/.test(name) ? name : 'with an odd name')
