import { faults } from '../faults.ts'

export type Format = 'json' | 'atom'

/**
 * The form of the answer. `$format` wins; else the first form that `Accept` names; else the form of the request's
 * body; a caller who asks for nothing gets Atom, as the specification of OData v2 has it.
 * @throws odata.optionUnsupported
 */
export function negotiateFormat(given: {
  readonly format: string | undefined
  readonly accept: string | undefined
  readonly contentType: string | undefined
}): Format {
  if (given.format !== undefined && given.format !== '') {
    const found = { json: 'json', xml: 'atom', atom: 'atom' }[given.format.toLowerCase()]
    if (found === undefined) throw faults.optionUnsupported({ option: `$format=${given.format}` })
    return found as Format
  }
  for (const range of (given.accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) continue
    if (type === 'application/json') return 'json'
    if (type === 'application/atom+xml' || type === 'application/xml' || type === 'text/xml') return 'atom'
  }
  return given.contentType?.toLowerCase().startsWith('application/json') ? 'json' : 'atom'
}

export const contentTypes = {
  json: 'application/json',
  feed: 'application/atom+xml;type=feed;charset=utf-8',
  entry: 'application/atom+xml;type=entry;charset=utf-8',
  xml: 'application/xml;charset=utf-8',
  text: 'text/plain;charset=utf-8',
} as const
