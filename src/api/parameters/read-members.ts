import { faults } from '../faults.ts'
import { type Json, readJson } from './read-json.ts'

/** How one member is read: its value, or what is wrong with it. */
export type Reader<T> = (value: Json) => { readonly value: T } | { readonly problem: string }

export const asText: Reader<string> = (value) => (typeof value === 'string' ? { value } : { problem: 'must be text' })

export const asNumber: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? { value } : { problem: 'must be a whole number' }

export const asFlag: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? { value } : { problem: 'must be true or false' }

export const asTexts: Reader<readonly string[]> = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
    ? { value }
    : { problem: 'must be a list of texts' }

type Values<Readers> = { readonly [Name in keyof Readers]?: Readers[Name] extends Reader<infer T> ? T : never }

/**
 * The members of a JSON object that are given; null counts as absent. All problems are reported at once, and so is
 * every name that is not known: a name with a typing error must not pass as a default.
 * @throws api.parametersInvalid
 */
export function readMembers<const Readers extends Readonly<Record<string, Reader<unknown>>>>(
  object: Json,
  readers: Readers,
  property: string,
): Values<Readers> {
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw faults.parametersInvalid({ property, problems: ['a JSON object is expected'] })
  const problems: string[] = []
  const values: [string, unknown][] = []
  for (const [name, value] of Object.entries(object as Readonly<Record<string, Json>>)) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (reader === undefined) problems.push(`'${name}' is not known (known are ${Object.keys(readers).join(', ')})`)
    if (reader === undefined || value === null) continue
    const read = reader(value)
    if ('problem' in read) problems.push(`'${name}' ${read.problem}`)
    else values.push([name, read.value])
  }
  if (problems.length > 0) throw faults.parametersInvalid({ property, problems })
  return Object.fromEntries(values) as Values<Readers>
}

/** A property that holds a list of texts as JSON; undefined where it is absent. @throws api.jsonInvalid, api.parametersInvalid */
export function readList(source: string | undefined, property: string): readonly string[] | undefined {
  if (source === undefined) return undefined
  const read = asTexts(readJson(source, property))
  if ('problem' in read)
    throw faults.parametersInvalid({ property, problems: [`it ${read.problem} such as ["a","b"]`] })
  return read.value
}
