import type { HeaderFilter, HttpRequest, Principal } from '../../flow/index.ts'
import { Exchange } from '../../message/index.ts'
import { rememberDecisions } from '../decisions.ts'

/** Labels of the message log that a caller may set: they steer nothing. */
const labels = new Set(['sap_applicationid', 'sap_messagetype', 'sap_sender', 'sap_receiver'])

/** Names by which a flow is steered; SAP's protocol headers have a hyphen behind SAP and pass. */
const steers = (lower: string): boolean => /^(?:camel|org\.apache\.camel|sap(?!-|$))/.test(lower) && !labels.has(lower)

/**
 * The front door keeps such headers from flows; a query parameter must not bring them in. Compared with `_` read as `-`.
 */
const guarded = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'cookie2',
  'forwarded',
  'host',
  'transfer-encoding',
  'x-arr-clientcert',
  'x-csrf-token',
  'x-real-ip',
])
const guardedPrefix = /^(?:proxy-|sap-connectivity-|x-forwarded-|(?:x-)?client-cert|(?:x-)?ssl-)/
const isConnectivity = (lower: string): boolean => /^sap[-_]connectivity[-_]/.test(lower)
const isGuarded = (lower: string): boolean => {
  const name = lower.replaceAll('_', '-')
  return guarded.has(name) || guardedPrefix.test(name)
}

/** Which names of a call become message headers: what the flow allows, less what belongs to the platform. */
export interface Entry {
  readonly header: HeaderFilter
  readonly parameter: HeaderFilter
  /** Whether the flow gets the caller's name as a header: not from a channel that authorizes names of certificates. */
  readonly namesUser: boolean
}

export const compileEntry = (allowed: HeaderFilter, namesUser: boolean): Entry => ({
  namesUser,
  header: rememberDecisions((name) => {
    const lower = name.toLowerCase()
    return !steers(lower) && !isConnectivity(lower) && allowed(name)
  }),
  parameter: rememberDecisions((name) => {
    const lower = name.toLowerCase()
    return lower !== '' && !steers(lower) && !isGuarded(lower) && allowed(name)
  }),
})

const correlationForm = /^[\w@.-]{1,100}$/

/** The message of a call: its body, the headers and query parameters the flow allows, and what the adapter adds. */
export function exchangeOf(request: HttpRequest, contextPath: string, entry: Entry) {
  const exchange = new Exchange({ body: request.body })
  const { headers } = exchange
  let correlationId: string | undefined
  for (const [name, value] of request.headers) {
    if (isName(name, 'content-type')) headers.set('Content-Type', value)
    else if (isName(name, 'sap_mplcorrelationid')) correlationId = correlationForm.test(value) ? value : undefined
    else if (entry.header(name)) headers.set(name, value)
  }
  if (request.query !== '') addParameters(exchange, request.query, entry.parameter)

  headers.set('CamelHttpMethod', request.method)
  headers.set('CamelHttpPath', request.rest)
  if (request.query !== '') headers.set('CamelHttpQuery', request.query)
  headers.set('CamelHttpUrl', request.url)
  headers.set('CamelServletContextPath', contextPath)
  const { principal } = request
  if (entry.namesUser && principal.name !== '') {
    headers.set('SapAuthenticatedUserName', principal.name)
    if (principal.method === 'bearer') addUserOfToken(exchange, principal)
  }
  return { exchange, correlationId }
}

const authenticationHeader = 'SAP-Connectivity-Authentication'

/** Made once for each principal: it is the same object for all messages of a caller. */
const summaries = new WeakMap<Principal, string>()

/**
 * What flows read of a propagated user, where they look for the token of the original: base64 of JSON with its words.
 * It is no token: nobody has signed it, and the token of the caller stays outside (security 7.1).
 */
function addUserOfToken({ headers, properties }: Exchange, principal: Principal): void {
  let summary = summaries.get(principal)
  if (summary === undefined) {
    const { name, issuer, attributes } = principal
    // What the assertion calls `name` or `IDP` does not stand for what was verified.
    const shown = { name, attributes: { ...attributes, ...(issuer !== undefined && { IDP: issuer }), name } }
    summary = Buffer.from(JSON.stringify(shown)).toString('base64')
    summaries.set(principal, summary)
  }
  headers.set(authenticationHeader, summary)
  properties.set('SAP_AuthHeaderName', authenticationHeader)
  properties.set('SAP_AuthHeaderValue', summary)
}

/** Compares lengths first: lower-casing every header name of every call would cost more than all else here. */
const isName = (name: string, lower: string): boolean => name.length === lower.length && name.toLowerCase() === lower

/** Each allowed query parameter becomes a header; behind a header of the same name its value is appended. */
function addParameters({ headers }: Exchange, query: string, mayEnter: HeaderFilter): void {
  for (const [name, value] of new URLSearchParams(query)) {
    if (!mayEnter(name)) continue
    const present = headers.text(name)
    headers.set(name, present === undefined ? value : `${present},${value}`)
  }
}
