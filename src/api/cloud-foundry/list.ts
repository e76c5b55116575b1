import { faults } from '../faults.ts'
import type { CloudFoundryAnswer, CloudFoundryCall } from './contracts.ts'

/** What every list takes, whatever it holds. */
export const listQuery = ['page', 'per_page', 'order_by', 'created_ats', 'updated_ats', 'label_selector', 'include']

interface Listed {
  readonly guid: string
  readonly name: string
  readonly created_at: string
  readonly updated_at: string
}

/** The values of a filter, or undefined where it is not given. A comma inside a value is encoded once more. */
export function filterOf({ query }: Pick<CloudFoundryCall, 'query'>, name: string): readonly string[] | undefined {
  const given = query.get(name)
  if (given === undefined) return undefined
  return given.split(',').map((value) => decoded(value) ?? value)
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** Those for which each filter names one of its values. Filters: name in the query, and what an entity has for it. */
export const filtered = <T>(
  call: CloudFoundryCall,
  all: readonly T[],
  filters: Readonly<Record<string, (one: T) => string>>,
): readonly T[] =>
  Object.entries(filters).reduce((left, [name, of]) => {
    const values = filterOf(call, name)
    return values === undefined ? left : left.filter((one) => values.includes(of(one)))
  }, all)

/**
 * A page of a list, as version 3 of the interface writes it.
 * @throws api.cloudFoundryQueryInvalid
 */
export function listed(
  call: CloudFoundryCall,
  path: string,
  resources: readonly Listed[],
  included?: object,
): CloudFoundryAnswer {
  for (const name of ['label_selector', 'created_ats', 'updated_ats'])
    if (call.query.has(name)) throw faults.cloudFoundryQueryInvalid({ why: `${name} is not supported here` })
  const page = numberOf(call, 'page', 1, Number.MAX_SAFE_INTEGER)
  const perPage = numberOf(call, 'per_page', 50, 5000)
  const pages = Math.max(1, Math.ceil(resources.length / perPage))
  const link = (number: number) => ({ href: call.url(`${path}?${queryOf(call, number, perPage)}`) })
  return {
    status: 200,
    body: {
      pagination: {
        total_results: resources.length,
        total_pages: pages,
        first: link(1),
        last: link(pages),
        next: page < pages ? link(page + 1) : null,
        previous: page > 1 ? link(page - 1) : null,
      },
      resources: sorted(call, resources).slice((page - 1) * perPage, page * perPage),
      ...(included !== undefined && { included }),
    },
  }
}

function numberOf({ query }: CloudFoundryCall, name: string, absent: number, most: number): number {
  const given = query.get(name)
  if (given === undefined) return absent
  const number = Number(given)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw faults.cloudFoundryQueryInvalid({ why: `${name} must be a whole number from 1 to ${most}` })
}

function queryOf({ query }: CloudFoundryCall, page: number, perPage: number): string {
  const kept = [...query].filter(([name]) => name !== 'page' && name !== 'per_page')
  return new URLSearchParams([...kept, ['page', String(page)], ['per_page', String(perPage)]]).toString()
}

const orders = ['created_at', 'updated_at', 'name'] as const

function sorted({ query }: CloudFoundryCall, resources: readonly Listed[]): readonly Listed[] {
  const given = query.get('order_by') ?? 'created_at'
  const order = orders.find((one) => one === given.replace(/^-/, ''))
  if (order === undefined)
    throw faults.cloudFoundryQueryInvalid({ why: `order_by must be one of ${orders.join(', ')}` })
  const sign = given.startsWith('-') ? -1 : 1
  return [...resources].sort((a, b) => (a[order] < b[order] ? -sign : a[order] > b[order] ? sign : 0))
}
