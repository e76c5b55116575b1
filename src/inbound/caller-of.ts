import type { Authenticator } from './authenticate.ts'
import { type Call, newCall } from './call.ts'
import type { Connection, Presented } from './connection.ts'
import { isRefused, type Refused } from './refusals.ts'

/** Who is at the other end, where who that is is decided elsewhere: address and certificate, and nothing proved by them. */
export interface Caller {
  readonly remoteAddress: string
  readonly presented: Presented | undefined
}

/**
 * The caller behind a connection: its own end, or, where that is a trusted proxy, what the proxy says. Not the
 * Authorization header, and no renewal is accepted. Where the proxy cannot be believed the call is refused.
 */
export function callerOf(
  authenticator: Pick<Authenticator, 'isProxy' | 'prove'>,
  connection: Connection,
  {
    method,
    url,
    rawHeaders,
  }: { readonly method: string; readonly url: string; readonly rawHeaders: readonly string[] },
): Caller | Promise<Caller | { readonly call: Call; readonly why: Refused }> {
  if (!authenticator.isProxy(connection)) return connection
  const call = newCall(connection, 'api', method, url, withoutAuthorization(rawHeaders))
  return proved(call, authenticator)
}

async function proved(call: Call, { prove }: Pick<Authenticator, 'prove'>) {
  await prove(call, true)
  const { byCertificate, proxy, presented, remoteAddress } = call
  // A certificate that was passed on is judged by whoever asks; a proxy that is not believed passes on nothing.
  const readable = proxy !== undefined && presented !== undefined && presented !== call.connection.presented
  if (
    byCertificate !== undefined &&
    isRefused(byCertificate) &&
    (!readable || byCertificate.code === 'identity.uncheckable')
  )
    return { call, why: byCertificate }
  return { remoteAddress, presented }
}

const withoutAuthorization = (rawHeaders: readonly string[]): readonly string[] =>
  rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'authorization')
