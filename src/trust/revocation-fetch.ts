import { lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** What is asked of the address in a certificate: a CRL with GET, an OCSP responder with POST. */
export interface RevocationRequest {
  readonly url: string
  /** Present: POST it. */
  readonly body?: Buffer
  /** Bytes; a longer answer is an error. */
  readonly limit: number
}

/** Fetches what a CA publishes. Rejects with an Error whose words can be shown. */
export type RevocationFetch = (request: RevocationRequest) => Promise<Buffer>

const timeout = 5_000

// Addresses in certificates come from elsewhere: they must not make this machine talk to itself or to the services of
// a cloud that are reached at link-local addresses.
const forbidden = new BlockList()
forbidden.addSubnet('0.0.0.0', 8)
forbidden.addSubnet('127.0.0.0', 8)
forbidden.addSubnet('169.254.0.0', 16)
forbidden.addSubnet('224.0.0.0', 4)
forbidden.addAddress('255.255.255.255')
forbidden.addAddress('::', 'ipv6')
forbidden.addAddress('::1', 'ipv6')
forbidden.addSubnet('fe80::', 10, 'ipv6')
forbidden.addSubnet('ff00::', 8, 'ipv6')

export const isForbiddenAddress = (address: string): boolean => {
  const family = isIP(address)
  return family === 0 || forbidden.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Fetches over plain HTTP (what is fetched is signed) within 5 seconds, without following redirects.
 * `mayAskItself` lets it reach this machine: for tests.
 */
export function createRevocationFetch({ mayAskItself = false } = {}): RevocationFetch {
  const allowed = (address: string) => mayAskItself || !isForbiddenAddress(address)

  return async ({ url, body, limit }) => {
    const { protocol, hostname } = new URL(url)
    const literal = hostname.replaceAll(/^\[|\]$/g, '')
    if (protocol !== 'http:') throw new Error(`${url} is not fetched: only http addresses are`)
    if (isIP(literal) !== 0 && !allowed(literal))
      throw new Error(`${url} is not fetched: it is an address of this machine`)
    // Loaded when something is fetched and not before.
    const { Agent, request } = await import('undici')
    const dispatcher = new Agent({
      connect: {
        timeout,
        lookup: (name, options, done) =>
          lookup(name, { ...options, all: true }, (error, found) => {
            const fit = (found ?? []).filter(({ address }) => allowed(address))
            const [first] = fit
            if (error !== null) done(error, '', 0)
            else if (first === undefined) done(new Error(`${name} is an address of this machine`), '', 0)
            else if (options.all) done(null, fit)
            else done(null, first.address, first.family)
          }),
      },
    })
    const signal = AbortSignal.timeout(timeout)
    try {
      const headers = body === undefined ? {} : { 'content-type': 'application/ocsp-request' }
      const method = body === undefined ? 'GET' : 'POST'
      const response = await request(url, { dispatcher, method, headers, signal, body: body ?? null })
      if (response.statusCode !== 200) throw new Error(`${url} answers with status ${response.statusCode}`)
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > limit) throw new Error(`${url} answers with more than ${limit} bytes`)
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    } catch (cause) {
      if (signal.aborted) throw new Error(`${url} does not answer within ${timeout / 1000} seconds`, { cause })
      throw cause
    } finally {
      void dispatcher.destroy()
    }
  }
}
