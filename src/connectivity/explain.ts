import { Fault, wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import { certificateAlerts, tlsAlerts } from './tls-alerts.ts'

export interface Circumstance {
  readonly server: string
  readonly step: string
  readonly quote: (words: string) => string
}

const unreachable = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
])
const broken = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])
const notTls =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|HTTPS_PROXY_REQUEST|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE|RECORD_LAYER_FAILURE)$/
const oldVersion = /^ERR_SSL_(?:UNSUPPORTED_PROTOCOL|UNSUPPORTED_SSL_VERSION|UNKNOWN_SSL_VERSION|VERSION_TOO_LOW)$/
const weak = /^ERR_SSL_(?:DH_KEY_TOO_SMALL|EE_KEY_TOO_SMALL|CA_KEY_TOO_SMALL|CA_MD_TOO_WEAK|BAD_DH_VALUE)$/

/** What an error of a socket or of TLS means for the person who must mend it; faults pass as they are. */
export function explain(thrown: unknown, { server, step, quote }: Circumstance): Fault {
  if (thrown instanceof Fault) return thrown
  const because = { cause: thrown }
  const { code = '', message = '' } = thrown as { code?: unknown; message?: string }
  const name = typeof code === 'string' ? code : ''
  if (name === 'ECONNREFUSED') return faults.connectionRefused({ server }, because)
  if (name === 'ETIMEDOUT') return faults.hostUnreachable({ server }, because)
  if (unreachable.has(name)) return faults.hostUnreachable({ server }, because)
  if (broken.has(name)) return faults.connectionBroken({ server, step }, because)
  const alert = Number(/SSL alert number (\d+)/.exec(message)?.[1] ?? Number.NaN)
  if (!Number.isNaN(alert)) return alertFault(alert, server, because)
  if (notTls.test(name) && step === 'tls') return faults.notTls({ server }, because)
  if (oldVersion.test(name)) return faults.tlsVersion({ server }, because)
  if (weak.test(name)) return faults.certificateWeak({ why: reasonOf(name) }, because)
  if (name.startsWith('ERR_SSL_') || name.startsWith('ERR_TLS_') || name.startsWith('ERR_OSSL_') || name === 'EPROTO')
    return faults.tlsFailed({ server, why: reasonOf(name) }, because)
  return faults.unexpected({ server, words: quote(name === '' ? wordsOf(thrown) : name) }, because)
}

const reasonOf = (name: string): string =>
  name
    .replace(/^ERR_(?:OS)?SSL_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()

function alertFault(number: number, server: string, because: { readonly cause: unknown }): Fault {
  const { name, meaning } = tlsAlerts[number] ?? { name: String(number), meaning: 'an alert without a known meaning' }
  if (number === 116) return faults.clientCertificateRequired({ server }, because)
  if (certificateAlerts.includes(number))
    return faults.clientCertificateRefused({ server, alert: name, meaning }, because)
  if (number === 70) return faults.tlsVersion({ server }, because)
  if (number === 40 || number === 71) return faults.tlsNoCommonCipher({ server }, because)
  if (number === 112) return faults.tlsHostNameUnknown({ server, host: server.replace(/:\d+$/, '') }, because)
  return faults.tlsAlert({ server, alert: name, meaning }, because)
}
