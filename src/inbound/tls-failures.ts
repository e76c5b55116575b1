import { type Refused, refused } from './refusals.ts'

/** What a failed handshake means, by the code of OpenSSL or Node. */
export function refusalOfHandshake(error: { readonly code?: string; readonly message: string }): Refused {
  const code = error.code ?? ''
  if (code === 'ERR_SSL_HTTP_REQUEST') return refused('tls.plainHttp')
  if (/UNSUPPORTED_PROTOCOL|WRONG_VERSION_NUMBER|PROTOCOL_VERSION|VERSION_TOO_LOW/.test(code))
    return refused('tls.versionUnsupported')
  if (/NO_SHARED_CIPHER|NO_SUITABLE/.test(code)) return refused('tls.cipherUnsupported')
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return refused('tls.timeout')
  // Alerts are what the client says, so these are about the certificate of the server.
  const alert =
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|UNSUPPORTED_CERTIFICATE)/.exec(code)?.[1]
  if (alert !== undefined) return refused('tls.serverNotTrusted', { why: alert.toLowerCase().replaceAll('_', ' ') })
  if (/ECONNRESET|EPIPE|ERR_STREAM|UNEXPECTED_EOF/.test(code)) return refused('tls.aborted')
  return refused('tls.failed', {
    why:
      code
        .replace(/^ERR_SSL_/, '')
        .toLowerCase()
        .replaceAll('_', ' ') || 'no reason given',
  })
}

/** What a request that Node cannot parse means; undefined when the client has just gone. */
export function refusalOfParser(error: { readonly code?: string; readonly message: string }): Refused | undefined {
  const code = error.code ?? ''
  if (code === 'HPE_HEADER_OVERFLOW') return refused('transfer.headersTooLarge')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refused('transfer.timeout')
  // The client closed in the middle of a message; the reading of the body notes that itself.
  if (code === 'HPE_INVALID_EOF_STATE' || !code.startsWith('HPE_')) return undefined
  return refused('transfer.malformed', { why: code.slice(4).toLowerCase().replaceAll('_', ' ') })
}
