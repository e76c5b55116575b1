import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

import type { Clock } from '../base/index.ts'

/** Tokens against forged calls from browsers; no state is kept. */
export interface Csrf {
  /** A token for the client's session, and the cookie of the session. A session that the cookies name goes on. */
  readonly issue: (
    client: string,
    cookies: string | undefined,
  ) => { readonly token: string; readonly setCookie: string }
  readonly verify: (client: string, cookies: string | undefined, token: string | undefined) => boolean
}

const shape = /^[A-Za-z0-9_-]{54}$/
const sessionShape = /^[A-Za-z0-9_-]{32}$/
const expiryBytes = 8

/**
 * A token is its expiry and an HMAC over expiry, session and client: it serves neither another client nor another
 * session. `client` is whatever names the caller: a client id, a user.
 */
export function createCsrf(given: {
  /** 32 bytes that serve this purpose only. */
  readonly key: Uint8Array
  readonly clock: Clock
  /** Two listeners of a host need different names. The prefix `__Host-` keeps other hosts and http from setting it. */
  readonly cookie: `__Host-${string}`
  /** Milliseconds; half an hour when absent. */
  readonly lifetime?: number
}): Csrf {
  const { key, clock, cookie, lifetime = 30 * 60_000 } = given

  const tagOf = (expiry: Buffer, session: string, client: string) =>
    createHmac('sha256', key)
      .update(expiry)
      .update(JSON.stringify([session, client]))
      .digest()

  /** The session of the cookies; undefined when there is none or more than one. */
  function sessionOf(cookies: string | undefined): string | undefined {
    const values = (cookies ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${cookie}=`))
      .map((pair) => pair.slice(cookie.length + 1))
    const [session] = values
    return values.length === 1 && session !== undefined && sessionShape.test(session) ? session : undefined
  }

  return {
    issue(client, cookies) {
      const session = sessionOf(cookies) ?? randomBytes(24).toString('base64url')
      const expiry = Buffer.alloc(expiryBytes)
      expiry.writeBigUInt64BE(BigInt(clock.now() + lifetime))
      const token = Buffer.concat([expiry, tagOf(expiry, session, client)]).toString('base64url')
      return { token, setCookie: `${cookie}=${session}; Path=/; Secure; HttpOnly; SameSite=Strict` }
    },
    verify(client, cookies, token) {
      const session = sessionOf(cookies)
      if (session === undefined || token === undefined || !shape.test(token)) return false
      const bytes = Buffer.from(token, 'base64url')
      const expiry = bytes.subarray(0, expiryBytes)
      const genuine = timingSafeEqual(bytes.subarray(expiryBytes), tagOf(expiry, session, client))
      return genuine && Number(expiry.readBigUInt64BE()) > clock.now()
    },
  }
}
