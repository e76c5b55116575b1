import { Body, type Exchange, type Value } from '../../message/index.ts'
import { rememberDecisions } from '../decisions.ts'

/** Headers that belong to the connection or to the platform and are never sent, in lower case. */
const never = new Set([
  'cache-control',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'pragma',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'warning',
])
/** What says who a user is to a system behind a connector: only where it is named, never with all the others. */
const named = new Set(['sap-connectivity-authentication'])
const reserved = /^(?:camel|org\.apache\.camel)/

/** Splits a header list as channels hold it; old ones separate by commas. Undefined stands for all headers. */
export function readHeaderList(list: string): ReadonlySet<string> | undefined {
  const names = list.split(/[|,]/).map((name) => name.trim().toLowerCase())
  return names.includes('*') ? undefined : new Set(names.filter(Boolean))
}

/**
 * Compiles the choice of message headers for requests: names and values one after the other, Content-Type always
 * among them where the message has one.
 */
export function compileRequestHeaders(list: string, own: readonly string[]): (exchange: Exchange) => string[] {
  const allowed = readHeaderList(list)
  const may = (lower: string): boolean =>
    !never.has(lower) && !reserved.test(lower) && !own.includes(lower) && lower !== 'content-type'
  if (allowed !== undefined) {
    const names = [...allowed].filter(may)
    return ({ headers }) => {
      const wire: string[] = []
      append(wire, 'Content-Type', headers.get('content-type'))
      for (const name of names) append(wire, name, headers.get(name))
      return wire
    }
  }
  const decided = rememberDecisions((name) => may(name.toLowerCase()) && !named.has(name.toLowerCase()))
  return ({ headers }) => {
    const wire: string[] = []
    append(wire, 'Content-Type', headers.get('content-type'))
    for (const [name, value] of headers) if (decided(name)) append(wire, name, value)
    return wire
  }
}

/** Lists repeat the header; objects other than bodies have no form on the wire. */
function append(wire: string[], name: string, value: Value): void {
  if (typeof value === 'string') wire.push(name, value)
  else if (typeof value === 'number' || typeof value === 'boolean') wire.push(name, String(value))
  else if (value instanceof Body) wire.push(name, value.text())
  else if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') wire.push(name, one)
}
