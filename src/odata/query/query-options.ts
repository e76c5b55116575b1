import type { StructuralType } from '../edm.ts'
import { faults } from '../faults.ts'
import { bindFilter } from './bind-filter.ts'
import type { Expression } from './filter-tree.ts'
import { parseFilter } from './parse-filter.ts'
import { propertyAt } from './property-path.ts'

/** The system query options of a request, read and checked against the type they are asked of. */
export interface Query {
  readonly filter: Expression | undefined
  readonly orderBy: readonly { readonly property: string; readonly descending: boolean }[]
  readonly top: number | undefined
  readonly skip: number
  /** How many entities the pages before this one have shown. */
  readonly skipToken: number
  /** Names of properties and navigations to show; undefined shows all. */
  readonly select: ReadonlySet<string> | undefined
  /** Paths of navigations to show inline: `EntryPoints`, `Runs/RunSteps`. */
  readonly expand: readonly (readonly string[])[]
  readonly inlineCount: boolean
}

const options = new Set([
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$skiptoken',
  '$select',
  '$expand',
  '$inlinecount',
  '$format',
])

/**
 * The query as pairs; `+` is a space. System options must not be given twice.
 * @throws odata.addressMalformed, odata.optionInvalid, odata.optionUnsupported
 */
export function parseQueryString(query: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const cut = part.indexOf('=')
    const [name, value] = (cut < 0 ? [part, ''] : [part.slice(0, cut), part.slice(cut + 1)]).map(decode) as [
      string,
      string,
    ]
    if (name.startsWith('$') && !options.has(name)) throw faults.optionUnsupported({ option: name })
    if (pairs.has(name)) throw faults.optionInvalid({ option: name, why: 'is given twice' })
    pairs.set(name, value)
  }
  return pairs
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw faults.addressMalformed({ why: 'the percent-encoding of its query is broken' }, { cause })
  }
}

/**
 * Reads the options for entities of a type.
 * @throws odata.optionInvalid, odata.filterMalformed, odata.filterUnsupported, odata.propertyUnknown
 */
export function readQuery(given: ReadonlyMap<string, string>, type: StructuralType): Query {
  const filter = given.get('$filter')?.trim()
  const tree = filter ? parseFilter(filter) : undefined
  if (tree) bindFilter(tree, type)
  return {
    filter: tree,
    orderBy: readOrderBy(given.get('$orderby'), type),
    top: readCount(given, '$top'),
    skip: readCount(given, '$skip') ?? 0,
    skipToken: readCount(given, '$skiptoken') ?? 0,
    select: readSelect(given.get('$select'), type),
    expand: listOf(given.get('$expand')).map((path) => path.split('/')),
    inlineCount: readInlineCount(given.get('$inlinecount')),
  }
}

const listOf = (value: string | undefined): readonly string[] =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function readCount(given: ReadonlyMap<string, string>, option: string): number | undefined {
  const value = given.get(option)
  if (value === undefined) return undefined
  if (!/^\d{1,9}$/.test(value)) throw faults.optionInvalid({ option, why: 'must be a whole number from 0 on' })
  return Number(value)
}

function readInlineCount(value: string | undefined): boolean {
  if (value === undefined || value === 'none' || value === '') return false
  if (value === 'allpages') return true
  throw faults.optionInvalid({ option: '$inlinecount', why: "must be 'allpages' or 'none'" })
}

function readOrderBy(value: string | undefined, type: StructuralType): Query['orderBy'] {
  return listOf(value).map((part) => {
    const [property = '', direction = 'asc', ...more] = part.split(/\s+/)
    if (more.length > 0 || (direction !== 'asc' && direction !== 'desc')) {
      throw faults.optionInvalid({ option: '$orderby', why: `cannot be read at '${part}'` })
    }
    propertyAt(type, property)
    return { property, descending: direction === 'desc' }
  })
}

function readSelect(value: string | undefined, type: StructuralType): ReadonlySet<string> | undefined {
  const names = listOf(value)
  if (names.length === 0 || names.includes('*')) return undefined
  const known = (name: string) => Object.hasOwn(type.properties, name) || Object.hasOwn(type.navigations ?? {}, name)
  const outer = names.map((name) => name.split('/')[0] ?? '')
  const unknown = outer.find((name) => !known(name))
  if (unknown !== undefined) throw faults.propertyUnknown({ property: unknown, type: type.name })
  return new Set(outer)
}
