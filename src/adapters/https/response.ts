import type { HttpResponse } from '../../flow/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { rememberDecisions } from '../decisions.ts'

/** Headers that belong to a connection or to a request and must not be sent back, in lower case. */
const kept = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'sap-connectivity-authentication',
  'sapauthenticatedusername',
  'ssl_client_cert',
  'ssl_client_user',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-csrf-token',
])
const reserved = /^(?:camel|org\.apache\.camel|sap_|x-forwarded-)/
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

const mayLeave = rememberDecisions((name) => {
  const lower = name.toLowerCase()
  return token.test(lower) && !kept.has(lower) && !reserved.test(lower)
})

/** The answer to a call: body, headers and status of the finished message (iflow-format 8.1). */
export function responseOf(exchange: Exchange, messageId: string): HttpResponse {
  const headers: (readonly [string, string])[] = [['SAP_MessageProcessingLogID', messageId]]
  const correlationId = exchange.headers.get('SAP_MplCorrelationId')
  if (typeof correlationId === 'string') headers.push(['SAP_MplCorrelationId', wireValue(correlationId)])
  for (const [name, value] of exchange.headers) if (mayLeave(name)) add(headers, name, value)
  const status = statusOf(exchange)
  return { status, headers, body: status === 204 || status === 304 ? Body.empty : exchange.body }
}

/** The status a flow asks for, where it is a final HTTP status; one that is not makes the answer a 500. */
function statusOf({ headers, body }: Exchange): number {
  const asked = headers.get('CamelHttpResponseCode')
  if (asked === undefined || asked === null || asked === '') return body.isEmpty ? 204 : 200
  const status = typeof asked === 'number' ? asked : Number(asked)
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : 500
}

/** Objects have no form on the wire; lists repeat the header. */
function add(headers: (readonly [string, string])[], name: string, value: unknown): void {
  if (typeof value === 'string') headers.push([name, wireValue(value)])
  else if (typeof value === 'number' || typeof value === 'boolean') headers.push([name, String(value)])
  else if (Array.isArray(value))
    for (const one of value) if (typeof one === 'string') headers.push([name, wireValue(one)])
}

/** Line breaks and other control characters would let a value write headers of its own. */
const wireValue = (value: string): string =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? value
    : value.replace(/[^\t\x20-\uffff\x80-\xff]+|\x7f/g, ' ').replace(/[^\t\x20-\xff]/g, '?')
