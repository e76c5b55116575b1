import { lookup } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'

import { faults } from './faults.ts'

/** Reads a JSON document of an issuer. */
export type IssuerClient = (address: string, given: { readonly loopback: boolean }) => Promise<unknown>

const mostBytes = 262_144
/** Milliseconds. */
const usualPatience = 10_000

/** Addresses of this machine itself: nobody else's keys are published here. */
const own = new BlockList()
own.addSubnet('127.0.0.0', 8, 'ipv4')
own.addAddress('::1', 'ipv6')

/**
 * Addresses that no issuer has: this network, link-local ones, where clouds tell a machine its credentials, other
 * places where they do so, and those of groups.
 */
const never = new BlockList()
never.addSubnet('0.0.0.0', 8, 'ipv4')
never.addSubnet('169.254.0.0', 16, 'ipv4')
never.addAddress('100.100.100.200', 'ipv4')
never.addAddress('168.63.129.16', 'ipv4')
never.addSubnet('224.0.0.0', 3, 'ipv4')
never.addAddress('::', 'ipv6')
never.addSubnet('fe80::', 10, 'ipv6')
never.addAddress('fd00:ec2::254', 'ipv6')
never.addAddress('fd20:ce::254', 'ipv6')
never.addSubnet('ff00::', 8, 'ipv6')
never.addSubnet('64:ff9b::', 96, 'ipv6')
never.addSubnet('2002::', 16, 'ipv6')

/** Why an IP address is not called; undefined when it may be. IPv4 inside IPv6 counts as what it holds. */
export function refusedAddress(address: string, { loopback }: { readonly loopback: boolean }): string | undefined {
  const family = isIP(address)
  if (family === 0) return 'it leads to no IP address'
  const version = family === 4 ? 'ipv4' : 'ipv6'
  if (never.check(address, version)) return `it leads to ${address}, which no issuer has`
  if (!loopback && own.check(address, version)) return `it leads to ${address}, this machine itself`
  return undefined
}

/**
 * Calls only https, follows no redirect, and decides by the address that is really connected to, so that a name that
 * changes its mind leads nowhere. `trusted` are certificates (PEM) of servers besides those that the system trusts;
 * `patience` is in milliseconds.
 */
export const createIssuerClient =
  ({
    trusted,
    patience = usualPatience,
  }: {
    readonly trusted?: () => readonly string[] | Promise<readonly string[]>
    readonly patience?: number
  } = {}): IssuerClient =>
  async (address, { loopback }) => {
    const url = URL.parse(address)
    const shown = shownAddress(address)
    if (url?.protocol !== 'https:')
      throw faults.issuerRefused({ address: shown, why: 'it does not begin with https://' })
    if (url.username !== '' || url.password !== '')
      throw faults.issuerRefused({ address: shown, why: 'it holds a user or password' })
    const host = url.hostname.replaceAll(/^\[|\]$/g, '')
    const why = isIP(host) === 0 ? undefined : refusedAddress(host, { loopback })
    if (why !== undefined) throw faults.issuerRefused({ address: shown, why })
    const more = (await trusted?.()) ?? []
    const ca = more.length === 0 ? undefined : [...getCACertificates('default'), ...more]
    const text = await read(url, { ca, patience, lookup: guardedLookup(loopback) })
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw faults.issuerAnswerInvalid({ address: shown, why: 'it is no JSON' })
    }
  }

/** An address as words may hold it: without user, password and query. */
export function shownAddress(address: string): string {
  const url = URL.parse(address)
  return url === null ? 'this address' : `${url.protocol}//${url.host}${url.pathname}`
}

class RefusedAddress extends Error {}

const guardedLookup =
  (loopback: boolean): LookupFunction =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const why = found?.map(({ address }) => refusedAddress(address, { loopback })).find((each) => each !== undefined)
      const failure = error ?? (why === undefined ? null : new RefusedAddress(why))
      if (failure !== null || options.all === true) return done(failure, found ?? [])
      const [first] = found
      done(
        first === undefined ? new RefusedAddress('it leads to no IP address') : null,
        first?.address ?? '',
        first?.family,
      )
    })
  }

function read(
  url: URL,
  {
    ca,
    patience,
    lookup: guarded,
  }: { readonly ca: string[] | undefined; readonly patience: number; readonly lookup: LookupFunction },
): Promise<string> {
  const address = shownAddress(url.href)
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        cause instanceof RefusedAddress
          ? faults.issuerRefused({ address, why: cause.message })
          : faults.issuerUnreachable({ address, why: reasonOf(cause) }, { cause }),
      )
    const call = request(
      url,
      {
        lookup: guarded,
        agent: false,
        headers: { accept: 'application/json', 'accept-encoding': 'identity' },
        maxHeaderSize: 16_384,
        signal: AbortSignal.timeout(patience),
        ...(ca && { ca }),
      },
      (answer) => {
        textOf(answer).then(resolve, (thrown: unknown) => {
          call.destroy()
          fail(thrown)
        })
      },
    )
    call.on('error', fail)
    call.end()
  })
}

class Unusable extends Error {}

async function textOf(answer: IncomingMessage): Promise<string> {
  const { statusCode = 0 } = answer
  if (statusCode >= 300 && statusCode < 400) throw new Unusable('it leads elsewhere, and no redirect is followed')
  if (statusCode !== 200) throw new Unusable(`it answered ${statusCode}`)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Unusable(`its answer has more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Unusable) return cause.message
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown }
  if (name === 'TimeoutError' || name === 'AbortError') return 'it did not answer in time'
  return typeof code === 'string' ? code : 'the connection failed'
}
