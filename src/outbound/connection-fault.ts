import { type Fault, wordsOf } from '../base/index.ts'
import { faults } from './http-faults.ts'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the host refuses connections at this port.',
  ECONNRESET: 'the connection was broken by the other side.',
  ECONNABORTED: 'the connection was broken.',
  EPIPE: 'the connection was broken while sending.',
  ENOTFOUND: 'the host name is not known.',
  EAI_AGAIN: 'the host name could not be looked up.',
  EHOSTUNREACH: 'there is no way to the host.',
  ENETUNREACH: 'there is no way to the network of the host.',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete.',
}
const timeouts = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
const certificates =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|ERR_TLS_|ERR_SSL_|EPROTO)/

/** What a failed connection means for the person who must mend it. `millis` is the timeout that was in force. */
export function connectionFault(error: unknown, url: string, millis: number): Fault {
  const code = codeOf(error)
  const because = { cause: error }
  if (timeouts.has(code)) return faults.timeout({ url, millis }, because)
  if (certificates.test(code)) return faults.tls({ url, why: `${code}.` }, because)
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return faults.requestInvalid({ why: wordsOf(error) }, because)
  }
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return faults.answerInvalid({ url, why: `${code}.` }, because)
  return faults.unreachable({ url, why: reasons[code] ?? `${code || 'unknown reason'}.` }, because)
}

/** The code of an error, or of the first of several tries to connect. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  if (code === 'UND_ERR_SOCKET' && cause !== undefined) return codeOf(cause) || code
  return typeof code === 'string' ? code : ''
}
