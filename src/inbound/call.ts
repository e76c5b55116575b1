import type { Identified, Plan } from '../identity/index.ts'
import type { Owner } from './certificate-proof.ts'
import type { Connection, Presented } from './connection.ts'
import { type Head, readHead } from './headers.ts'
import type { Refused } from './refusals.ts'
import type { Match } from './routes.ts'

/** A call on its way through proofs and checks, which add what they find out. */
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
  /** Of the caller: that of the connection, or what a trusted proxy says. Empty when nobody knows. */
  remoteAddress: string
  /** The certificate of the caller: that of the connection, or what a trusted proxy passed on. */
  presented: Presented | undefined
  /** The trusted proxy that the call came through, by its name. */
  proxy: string | undefined
  /** Whose the certificate is, or why it is not accepted. */
  byCertificate: Owner | Refused | undefined
  /** Whose the Authorization header is, or why it is not accepted. */
  byAuthorization: Identified | Refused | undefined
  /** True once a wrong password or secret of this call was counted. */
  guessCounted: boolean
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
    remoteAddress: connection.remoteAddress,
    presented: connection.presented,
    proxy: undefined,
    byCertificate: undefined,
    byAuthorization: undefined,
    guessCounted: false,
    size: head.contentLength,
    identity: undefined,
    match: undefined,
  }
}

const slash = 0x2f
