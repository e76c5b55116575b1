import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

import { dnOfLines, fingerprintOf, pairOf } from '../keystore/index.ts'
import type { AuthorizationProof } from './authorization-proof.ts'
import type { CertificateProof } from './certificate-proof.ts'
import { plainAddress } from './networks.ts'

/** A certificate that the client proved to own in a TLS handshake: with us, or with a trusted proxy. */
export interface Presented {
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly validFrom: number
  readonly validTo: number
  /** Subject and issuer as the routes compare them; undefined when they cannot be compared. */
  readonly pair: string | undefined
  readonly certificate: X509Certificate
  /** What the client sent with it. Empty in a resumed session; then trust knows it from the full handshake. */
  readonly sent: readonly X509Certificate[]
  /** What was found out about it last. It says for how long that counts. */
  proof: CertificateProof | undefined
}

/**
 * What is known of a connection, worked out once. Remembered proofs spare each request its cryptography; each says for
 * which revision of registry and trust it counts, and until when.
 */
export interface Connection {
  readonly remoteAddress: string
  readonly presented: Presented | undefined
  /** The client named the server in the handshake (SNI). */
  readonly serverNamed: boolean
  /** The last Authorization header that was found right, and whose it is. */
  byAuthorization: AuthorizationProof | undefined
  /** True once the bytes of the client made no sense: what ends with the connection is no news any more. */
  broken: boolean
}

// More intermediates than any chain needs; what follows is dropped.
const mostSent = 10

/** @param sent certificates that came with it; those that Node has linked to it when absent */
export function presentedOf(
  certificate: X509Certificate,
  sent: readonly X509Certificate[] = linked(certificate),
): Presented {
  const subject = dnOfLines(certificate.subject ?? '')
  const issuer = dnOfLines(certificate.issuer ?? '')
  return {
    fingerprint: fingerprintOf(certificate),
    subject,
    issuer,
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
    pair: pairOf(subject, issuer),
    certificate,
    sent: sent.slice(0, mostSent),
    proof: undefined,
  }
}

/** Node links what the client sent in the order in which it was sent, whether one issued the other or not. */
function linked(certificate: X509Certificate): readonly X509Certificate[] {
  const sent: X509Certificate[] = []
  let next = certificate.issuerCertificate
  while (next !== undefined && sent.length < mostSent) {
    sent.push(next)
    next = next.issuerCertificate
  }
  return sent
}

export const newConnection = (
  remoteAddress: string,
  presented: Presented | undefined,
  serverNamed = true,
): Connection => ({
  remoteAddress,
  presented,
  serverNamed,
  byAuthorization: undefined,
  broken: false,
})

const known = Symbol('connection')
type Kept = Socket & { [known]?: Connection }

/** The record of a socket, made when it is first asked for. */
export function connectionOf(socket: Kept): Connection {
  const present = socket[known]
  if (present !== undefined) return present
  const tls = socket instanceof TLSSocket ? socket : undefined
  // Asked once: only the first answer has what the client sent besides.
  const certificate = tls?.getPeerX509Certificate()
  const made = newConnection(
    plainAddress(socket.remoteAddress ?? ''),
    certificate && presentedOf(certificate),
    tls !== undefined && namesServer(tls),
  )
  socket[known] = made
  return made
}

/** OpenSSL tells no name in a resumed session of TLS 1.2; the handshake that it resumes had to have one. */
const namesServer = (socket: TLSSocket & { readonly servername?: string | false | null }): boolean =>
  typeof socket.servername === 'string' || (socket.isSessionReused() && socket.getProtocol() === 'TLSv1.2')
