import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

import type { Identified } from '../identity/index.ts'
import { factsOf } from '../keystore/index.ts'
import { pairOf } from './routes.ts'

/** A certificate that the client proved to own in the TLS handshake. */
export interface Presented {
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly validFrom: number
  readonly validTo: number
  readonly forClients: boolean
  /** Subject and issuer as the routes compare them; undefined when they cannot be compared. */
  readonly pair: string | undefined
  readonly certificate: X509Certificate
}

/** A look-up remembered for as long as nobody's identity changes. */
export interface Remembered {
  readonly revision: number
  readonly identified: Identified | undefined
}

/**
 * What is known of a connection, worked out once. The remembered look-ups spare each request its cryptography; they
 * count only for the revision of the registry they were made in.
 */
export interface Connection {
  readonly remoteAddress: string
  readonly presented: Presented | undefined
  byCertificate: Remembered | undefined
  /** The last Authorization header that was found right, and whose it is. */
  byAuthorization: (Remembered & { readonly header: string }) | undefined
  /** True once the bytes of the client made no sense: what ends with the connection is no news any more. */
  broken: boolean
}

export function presentedOf(certificate: X509Certificate): Presented {
  const { fingerprint, subject, issuer, validFrom, validTo, forClients } = factsOf(certificate)
  const pair = pairOf(subject, issuer)
  return { fingerprint, subject, issuer, validFrom, validTo, forClients, pair, certificate }
}

export const newConnection = (remoteAddress: string, presented: Presented | undefined): Connection => ({
  remoteAddress,
  presented,
  byCertificate: undefined,
  byAuthorization: undefined,
  broken: false,
})

const known = Symbol('connection')
type Kept = Socket & { [known]?: Connection }

/** The record of a socket, made when it is first asked for. */
export function connectionOf(socket: Kept): Connection {
  const present = socket[known]
  if (present !== undefined) return present
  // Asked once: Node gives nothing when it is asked again.
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  const made = newConnection(socket.remoteAddress ?? '', certificate && presentedOf(certificate))
  socket[known] = made
  return made
}
