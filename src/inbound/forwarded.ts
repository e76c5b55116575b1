import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

import { readCertificates } from '../keystore/index.ts'
import { type Presented, presentedOf } from './connection.ts'
import type { Head } from './headers.ts'
import { plainAddress } from './networks.ts'

/** What a trusted proxy says about its client. */
export interface Said {
  /** The header values as they came, to remember the certificate by; '' without one. */
  readonly certificate: string
  /** Undefined when the proxy says nothing about it, false when it says what is no address. */
  readonly remoteAddress: string | undefined | false
}

type Lines = NonNullable<Head['forwarded']>

const valuesOf = (lines: Lines, name: string): readonly string[] =>
  // nginx leaves an empty header out, Apache writes (null): both mean that there was no certificate.
  lines.filter(([each, value]) => each === name && value !== '' && value !== '(null)').map(([, value]) => value.trim())

/** What the headers say, as far as it can be told without reading the certificate. */
export function saidBy(lines: Lines | undefined): Said {
  if (lines === undefined) return { certificate: '', remoteAddress: undefined }
  const certificate = [...valuesOf(lines, 'client-cert'), ...valuesOf(lines, 'ssl-client-cert')]
  const chain = valuesOf(lines, 'client-cert-chain')
  return {
    certificate: certificate.length === 0 ? '' : [...certificate, ...chain].join('\n'),
    remoteAddress: lastHop(valuesOf(lines, 'x-forwarded-for')),
  }
}

/** The address that the nearest proxy saw; those before it are claims of whoever called that proxy. */
function lastHop(values: readonly string[]): string | undefined | false {
  const last = values.at(-1)?.split(',').at(-1)?.trim()
  if (last === undefined) return undefined
  const [, bracketed, v4] = /^(?:\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5})$/.exec(last) ?? []
  const address = plainAddress(bracketed ?? v4 ?? last)
  return isIP(address) === 0 ? false : address
}

const mostCertificates = 11

/**
 * The client certificate that a proxy passed on, as `Client-Cert` with `Client-Cert-Chain` (RFC 9440) or as
 * `SSL_CLIENT_CERT`: PEM, in one line or encoded for URLs, or base64 of DER. Else words for what is wrong.
 */
export function readForwarded(lines: Lines): Presented | { readonly why: string } {
  const standard = valuesOf(lines, 'client-cert')
  const customary = valuesOf(lines, 'ssl-client-cert')
  const chain = valuesOf(lines, 'client-cert-chain')
  if (standard.length + customary.length > 1) return { why: 'there is more than one of it' }
  try {
    const [certificate, ...sent] =
      standard[0] === undefined ? readCustomary(customary[0] ?? '') : readStandard(standard[0], chain)
    if (certificate === undefined) return { why: 'it is empty' }
    if (sent.length >= mostCertificates) return { why: 'its chain is too long' }
    return presentedOf(certificate, sent)
  } catch {
    return { why: 'it is no certificate in a form that proxies use' }
  }
}

/** Byte sequences of RFC 8941: base64 between colons. */
const byteSequence = /^:((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):$/

function readStandard(leaf: string, chain: readonly string[]): readonly X509Certificate[] {
  const items = [leaf, ...chain.flatMap((value) => value.split(','))]
  return items.map((item) => {
    const base64 = byteSequence.exec(item.trim())?.[1]
    if (base64 === undefined) throw new TypeError('no byte sequence')
    return new X509Certificate(Buffer.from(base64, 'base64'))
  })
}

const readCustomary = (value: string): readonly X509Certificate[] =>
  // A plus is base64 here, never a blank: decodeURIComponent leaves it alone.
  readCertificates(value.includes('%') ? decodeURIComponent(value) : value)
