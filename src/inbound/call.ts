import type { Identified, Plan } from '../identity/index.ts'
import type { Connection } from './connection.ts'
import { type Head, readHead } from './headers.ts'
import type { Match } from './routes.ts'

/** A call on its way through the checks, which add what they find out. */
export interface Call {
  readonly method: string
  /** Without query; begins with `/`. */
  readonly path: string
  /** Without `?`. */
  readonly query: string
  readonly head: Head
  readonly connection: Connection
  /** What the address needs: flows one plan, the API the other. */
  readonly plan: Plan
  /** Bytes of the body: as announced, later as received if that is more. */
  size: number
  identity: Identified | undefined
  match: Match | undefined
}

/** @param rawHeaders names and values as they alternate on the wire */
export function newCall(
  connection: Connection,
  plan: Plan,
  method: string,
  url: string,
  rawHeaders: readonly string[],
): Call {
  // The absolute form is for proxies, but servers must take it, too (RFC 9112, 3.2.2).
  const target = url.charCodeAt(0) === slash ? url : url.replace(/^https?:\/\/[^/?#]*/i, '')
  const mark = target.indexOf('?')
  const head = readHead(rawHeaders)
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    head,
    connection,
    plan,
    size: head.contentLength,
    identity: undefined,
    match: undefined,
  }
}

const slash = 0x2f
