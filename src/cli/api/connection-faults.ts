import { type Fault, wordsOf } from '../../base/index.ts'
import { faults } from '../faults.ts'

const nameWrong = new Set(['ERR_TLS_CERT_ALTNAME_INVALID'])
const expired = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
const untrusted: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not among the trusted ones',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  CERT_SIGNATURE_FAILURE: 'its signature is not of the trusted authority',
  CERT_UNTRUSTED: 'its authority is not trusted for servers',
  CERT_REVOKED: 'it is revoked',
  INVALID_CA: 'its issuer is no authority',
}
const timeouts = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
const unknownHosts = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA'])

/** What kept a request from getting an answer, in words a person can act on. */
export function connectionFault(thrown: unknown, url: URL): Fault {
  const host = url.host
  const { code, words } = innermost(thrown)
  const circumstances = { cause: thrown }
  if (code === 'ECONNREFUSED') return faults.connectionRefused({ host }, circumstances)
  if (unknownHosts.has(code)) return faults.hostUnknown({ host }, circumstances)
  if (nameWrong.has(code)) return faults.serverNameWrong({ host }, circumstances)
  if (expired.has(code)) return faults.serverExpired({ host }, circumstances)
  if (untrusted[code] !== undefined) return faults.serverUntrusted({ host, why: untrusted[code] }, circumstances)
  if (timeouts.has(code)) return faults.timedOut({ host }, circumstances)
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return faults.tlsFailed({ host, why: tlsWords(words) }, circumstances)
  }
  return faults.connectionLost({ host, why: words }, circumstances)
}

/** A connection over several addresses fails with one error for all of them; the first says enough. */
function innermost(thrown: unknown): { readonly code: string; readonly words: string } {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return innermost(thrown.errors[0])
  const { code } = thrown as NodeJS.ErrnoException
  if (thrown instanceof Error && thrown.cause !== undefined && typeof code !== 'string') return innermost(thrown.cause)
  return { code: typeof code === 'string' ? code : '', words: wordsOf(thrown) }
}

/** OpenSSL writes `C0…:error:0A00010B:SSL routines:func:wrong version number:file:line:`; one part of it is for people. */
function tlsWords(words: string): string {
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(words)?.[1]
  return reason === 'wrong version number' || reason === 'packet length too long'
    ? 'the other side does not speak TLS'
    : (reason ?? words)
}
