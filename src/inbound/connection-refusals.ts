import type { RefusalDeclarations } from './declared-refusal.ts'

/** Refusals before there is a request to judge: TLS, limits of connections, transfer. */
export const connectionRefusals = {
  'tls.failed': {
    stage: 'tls',
    status: 0,
    reason: (d: { why: string }) => `The TLS handshake failed: ${d.why}.`,
    remedy: 'Compare TLS versions, ciphers and the certificate of the client with what this listener offers.',
  },
  'tls.plainHttp': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client spoke plain HTTP to an HTTPS port.',
    remedy: 'Call the address with https://.',
  },
  'tls.versionUnsupported': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client offers no TLS version that this listener accepts.',
    remedy: 'Let the client use TLS 1.2 or 1.3.',
  },
  'tls.cipherUnsupported': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client offers no cipher suite that this listener accepts.',
    remedy: 'Let the client use a suite with ECDHE and AES-GCM or ChaCha20.',
  },
  'tls.serverNotTrusted': {
    stage: 'tls',
    status: 0,
    reason: (d: { why: string }) => `The client rejected the certificate of this server: ${d.why}.`,
    remedy:
      'Import the CA certificate of Sluice into the trust store of the client, and call a name the certificate has.',
  },
  'tls.timeout': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client did not finish the TLS handshake in time.',
    remedy: 'Check the network between client and server; health checks should speak TLS.',
  },
  'tls.aborted': {
    stage: 'tls',
    status: 0,
    reason: () => 'The client closed the connection during the TLS handshake.',
    remedy: 'Look into the log of the client: often it does not trust the certificate of this server.',
  },
  'tls.serverNameMissing': {
    stage: 'tls',
    status: 421,
    reason: () => 'The client did not name the server in the TLS handshake (SNI), which this tenant requires.',
    remedy: 'Call by host name rather than by address, with a client that sends SNI; or do not require it.',
  },
  'limit.connectionsPerAddress': {
    stage: 'limit',
    status: 0,
    reason: (d: { remoteAddress: string; most: number }) =>
      `The address ${d.remoteAddress} has ${d.most} connections open, which is the limit for one address.`,
    remedy: 'Let the client reuse connections; behind a proxy that serves many clients, raise the limit.',
  },
  'limit.connections': {
    stage: 'limit',
    status: 0,
    reason: (d: { most: number }) => `There are ${d.most} connections open, which is the limit.`,
    remedy: 'Let clients reuse connections, or raise the limit.',
  },
  'transfer.malformed': {
    stage: 'transfer',
    status: 400,
    reason: (d: { why: string }) => `The request is not valid HTTP/1.1: ${d.why}.`,
    remedy: 'Check the client or the proxy in front of it; it may send raw line breaks or conflicting lengths.',
  },
  'transfer.headersTooLarge': {
    stage: 'transfer',
    status: 431,
    reason: () => 'The headers of the request are larger than the limit.',
    remedy: 'Send fewer or smaller headers.',
  },
  'transfer.timeout': {
    stage: 'transfer',
    status: 408,
    reason: () => 'The request did not arrive completely in time.',
    remedy: 'Send the request without pauses; check the network.',
  },
  'transfer.stalled': {
    stage: 'transfer',
    status: 408,
    reason: (d: { seconds: number; received: number }) =>
      `No part of the body came for ${d.seconds} seconds after ${d.received} bytes.`,
    remedy: 'Send the body without pauses; check the network and the Content-Length of the client.',
  },
  'transfer.aborted': {
    stage: 'transfer',
    status: 400,
    reason: (d: { received: number }) => `The client closed the connection after ${d.received} bytes of the body.`,
    remedy: 'Check timeouts of the client and of proxies on the way.',
  },
  'transfer.notStored': {
    stage: 'transfer',
    status: 503,
    reason: (d: { why: string }) => `The body could not be written to the spool: ${d.why}.`,
    remedy: 'Free space in the data folder.',
  },
  'transfer.expectationUnknown': {
    stage: 'transfer',
    status: 417,
    reason: () => 'The request expects something other than 100-continue.',
    remedy: 'Remove the Expect header.',
  },
} as const satisfies RefusalDeclarations
