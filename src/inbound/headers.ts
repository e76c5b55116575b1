/** What the front door does with a header, by its name. */
type Treatment =
  | 'pass'
  | 'drop'
  | 'authorization'
  | 'cookie'
  | 'csrfToken'
  | 'contentLength'
  | 'transferEncoding'
  | 'contentType'
  | 'host'
  | 'origin'
  | 'requestedMethod'
  | 'forwarded'

/** What the front door itself reads; `content-type`, `origin` and `host` pass on to the flow as well. */
const own: Readonly<Record<string, Treatment>> = {
  authorization: 'authorization',
  cookie: 'cookie',
  'x-csrf-token': 'csrfToken',
  'content-length': 'contentLength',
  'transfer-encoding': 'transferEncoding',
  'content-type': 'contentType',
  host: 'host',
  origin: 'origin',
  'access-control-request-method': 'requestedMethod',
}

/** What a trusted proxy says about its client; from anyone else it is a claim, and nobody listens. */
const ofProxies = new Set(['client-cert', 'client-cert-chain', 'ssl-client-cert', 'x-forwarded-for'])

/**
 * Names that never reach a flow, compared without case and with `_` read as `-`: gateways and
 * CGI-like code treat both as one, so neither spelling gets around the list.
 */
const never = new Set([
  // Credentials of the caller, and the tokens of our own sessions.
  'authorization',
  'proxy-authorization',
  'cookie',
  'cookie2',
  'x-csrf-token',
  'sap-connectivity-authentication',
  'sap-connectivity-technical-authentication',
  // What a proxy says about the client certificate: from the wire it is a claim by anyone.
  'client-cert',
  'client-cert-chain',
  'x-client-cert',
  'x-forwarded-client-cert',
  'x-arr-clientcert',
  // What a proxy says about the client's address; the front door sets x-forwarded-for itself.
  'x-forwarded-for',
  'x-real-ip',
  'forwarded',
  // Of the connection, not of the message (RFC 9110, 7.6.1).
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])
const neverPrefixes = ['ssl-client-', 'x-ssl-client-', 'x-ssl-cert']

/** Labels of the message processing log and the correlation id: a sender may set them, they steer nothing. */
const labels = new Set(['sap_mplcorrelationid', 'sap_applicationid', 'sap_messagetype', 'sap_sender', 'sap_receiver'])

/**
 * Names by which a flow is steered: all of Camel, and those of the integration runtime (`SAP_…`, `SapDataStoreId`,
 * `SAPJMSRetries`, `SapAuthenticatedUserName`, …). Names of SAP's HTTP protocols (`sap-client`, `SAP-PASSPORT`) have a
 * hyphen there and pass.
 */
const steers = (lower: string): boolean =>
  lower.startsWith('camel') ||
  lower.startsWith('org.apache.camel') ||
  (lower.startsWith('sap') && lower.charAt(3) !== '-' && lower !== 'sap' && !labels.has(lower))

function treat(name: string): Treatment {
  const lower = name.toLowerCase()
  const known = own[lower]
  if (known !== undefined) return known
  if (ofProxies.has(plainName(lower))) return 'forwarded'
  return mayReachFlow(lower) ? 'pass' : 'drop'
}

/** The spelling in which names are compared with the lists above. */
const plainName = (lower: string): string => lower.replaceAll('_', '-')

/** False for names that never reach a flow from the wire, whatever it allows. */
export function mayReachFlow(name: string): boolean {
  const lower = name.toLowerCase()
  const plain = plainName(lower)
  return !never.has(plain) && !neverPrefixes.some((prefix) => plain.startsWith(prefix)) && !steers(lower)
}

// Clients send the same few names in the same spelling again and again. The bound keeps a hostile one from filling it.
const treatments = new Map<string, Treatment>()
const mostTreatments = 2000

function treatmentOf(name: string): Treatment {
  const present = treatments.get(name)
  if (present !== undefined) return present
  const treatment = treat(name)
  if (treatments.size < mostTreatments) treatments.set(name, treatment)
  return treatment
}

/** The headers of a request, read once: what the front door needs, and what may go on. */
export interface Head {
  authorization: string | undefined
  /** True when there were several Authorization headers: then it is not clear who calls. */
  severalAuthorizations: boolean
  cookie: string | undefined
  csrfToken: string | undefined
  /** Bytes; 0 when absent. */
  contentLength: number
  chunked: boolean
  contentType: string
  host: string
  origin: string | undefined
  requestedMethod: string | undefined
  /** What a proxy would say about its client: plain names and values in order. Of use only once the proxy is known. */
  forwarded: (readonly [string, string])[] | undefined
  /** Names as sent; duplicates stay apart. */
  readonly passed: (readonly [string, string])[]
}

/** Reads names and values as they alternate on the wire. */
export function readHead(raw: readonly string[]): Head {
  const head: Head = {
    authorization: undefined,
    severalAuthorizations: false,
    cookie: undefined,
    csrfToken: undefined,
    contentLength: 0,
    chunked: false,
    contentType: '',
    host: '',
    origin: undefined,
    requestedMethod: undefined,
    forwarded: undefined,
    passed: [],
  }
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string
    const value = raw[index + 1] as string
    const treatment = treatmentOf(name)
    if (treatment === 'pass') head.passed.push([name, value])
    else if (treatment !== 'drop') take(head, treatment, name, value)
  }
  return head
}

function take(head: Head, treatment: Exclude<Treatment, 'pass' | 'drop'>, name: string, value: string): void {
  switch (treatment) {
    case 'authorization':
      if (head.authorization !== undefined) head.severalAuthorizations = true
      head.authorization = value
      return
    case 'cookie':
      head.cookie = head.cookie === undefined ? value : `${head.cookie}; ${value}`
      return
    case 'csrfToken':
      head.csrfToken = value
      return
    case 'contentLength':
      head.contentLength = Number(value)
      break
    case 'transferEncoding':
      head.chunked = true
      return
    case 'forwarded':
      head.forwarded ??= []
      head.forwarded.push([plainName(name.toLowerCase()), value])
      return
    case 'contentType':
      head.contentType = value
      break
    case 'host':
      head.host = value
      break
    case 'origin':
      head.origin = value
      break
    case 'requestedMethod':
      head.requestedMethod = value
      break
  }
  head.passed.push([name, value])
}
