import type { Run } from '../../flow/index.ts'
import { compileTemplate, textOf } from '../../languages/index.ts'
import type { Exchange } from '../../message/index.ts'
import type { Target } from '../../outbound/index.ts'
import { faults } from './faults.ts'

/**
 * Compiles address and query of a channel. The header CamelHttpUri replaces the address, CamelHttpPath is appended to
 * it, CamelHttpQuery replaces the query (iflow-format 8.2).
 * @throws http.addressInvalid from the function it returns
 */
export function compileTarget(address: string, query: string): (exchange: Exchange, run: Run) => Target {
  const addressOf = compileTemplate(address)
  const queryOf = compileTemplate(query)
  const constant = addressOf.constant && queryOf.constant
  const undefinedIn = { address: placeholder(address), query: placeholder(query) }
  let known: Target | undefined

  return (exchange, run) => {
    const uri = textOf(exchange.headers.get('camelhttpuri'))
    const path = textOf(exchange.headers.get('camelhttppath'))
    const override = textOf(exchange.headers.get('camelhttpquery'))
    if (uri === '') refuse(undefinedIn.address)
    if (override === '') refuse(undefinedIn.query)
    if (uri === '' && path === '' && override === '') {
      if (!constant) return targetOf(addressOf.text(exchange, run), '', queryOf.text(exchange, run))
      known ??= targetOf(address, '', query)
      return known
    }
    const base = uri === '' ? addressOf.text(exchange, run) : uri
    return targetOf(base, path, override === '' ? queryOf.text(exchange, run) : override)
  }
}

/** What is left of a parameter that nobody defined: its text is kept until the value is needed (iflow-format 3.3). */
const placeholder = (text: string): string | undefined => /\{\{.*?\}\}/.exec(text)?.[0]

function refuse(left: string | undefined): void {
  if (left !== undefined) throw faults.addressInvalid({ why: `the parameter '${left}' is not defined.` })
}

function targetOf(address: string, appended: string, query: string): Target {
  const url = URL.parse(address.trim())
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw faults.addressInvalid({ why: 'it must be a URL that begins with http:// or https://.' })
  }
  if (url.username !== '' || url.password !== '') {
    throw faults.addressInvalid({ why: 'it holds a user name; use an authentication of the channel instead.' })
  }
  const path = appended === '' ? url.pathname : join(url.pathname, appended)
  const queries = [url.search.slice(1), wireQuery(query)].filter(Boolean).join('&')
  return { origin: url.origin, path, query: queries === '' ? '' : `?${queries}` }
}

const dotSegment = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i

/** Appends a path that may come from a caller: it must not lead out of the address of the channel. */
function join(base: string, appended: string): string {
  if (dotSegment.test(appended)) throw faults.addressInvalid({ why: 'the path to append holds . or .. as a segment.' })
  const rest = wire(appended.replace(/^\/+/, '')).replace(/[?#\\]/g, encodeURIComponent)
  return rest === '' ? base : `${base.replace(/\/$/, '')}/${rest}`
}

/** The query as it is written, without its ? and without a fragment. */
const wireQuery = (query: string): string => wire(query.replace(/^\?/, '').replace(/#.*$/s, ''))

/** Encodes what cannot stand in a request line, and nothing else. */
const wire = (text: string): string =>
  /^[\x21-\x7e]*$/.test(text) ? text : text.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent)
