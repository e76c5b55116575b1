import { type Entity, isoOf, localTime, textOf, timeOf } from './api/entity.ts'
import { faults } from './faults.ts'
import type { Session } from './session.ts'
import { facts, table } from './table.ts'

/** A property of an entity as it is shown: text, a list written as JSON, or a time. */
export interface Column {
  readonly property: string
  readonly title: string
  readonly as?: 'list' | 'time'
}

/** A property that holds a list of texts as JSON. */
export function listOf(entity: Entity, property: string): readonly string[] {
  const text = textOf(entity, property)
  const value: unknown = text === '' ? [] : JSON.parse(text)
  return Array.isArray(value) ? value.map(String) : []
}

function cellOf(entity: Entity, { property, as }: Column): string {
  if (as === 'list') return listOf(entity, property).join(', ')
  return as === 'time' ? localTime(timeOf(entity, property)) : textOf(entity, property)
}

/** What `--json` prints of an entity: lists as lists, times as ISO 8601. */
export const recordOf = (entity: Entity, columns: readonly Column[]): Record<string, unknown> =>
  Object.fromEntries(
    columns.map((column) => {
      const { property, as } = column
      if (as === 'list') return [property, entity[property] === null ? null : listOf(entity, property)]
      return [property, as === 'time' ? isoOf(timeOf(entity, property)) : (entity[property] ?? null)]
    }),
  )

/** The properties of one entity that have a value, a line each. */
export const factsOfEntity = (entity: Entity, columns: readonly Column[]): string =>
  facts(columns.map((column) => [column.title, cellOf(entity, column)] as const))

/** Prints entities as a table, or the words for none. */
export function showEntities(
  { output }: Pick<Session, 'output'>,
  found: readonly Entity[],
  columns: readonly Column[],
  none: string,
): void {
  const titles = columns.map(({ title }) => title)
  const rows = found.map((entity) => columns.map((column) => cellOf(entity, column)))
  output.result(
    found.map((entity) => recordOf(entity, columns)),
    rows.length === 0 ? none : table(titles, rows),
  )
}

/**
 * The one entity that is meant by an id, a name, or the beginning of an id.
 * @throws cli.entryUnknown, cli.entryAmbiguous
 */
export function pick(
  found: readonly Entity[],
  given: {
    readonly wanted: string
    /** Property that holds the id. */
    readonly id: string
    readonly names: readonly ((entity: Entity) => string)[]
    readonly what: string
    /** The command that lists them. */
    readonly list: string
  },
): Entity {
  const { wanted, id, names, what, list } = given
  const exact = found.find((entity) => textOf(entity, id) === wanted)
  if (exact !== undefined) return exact
  const byName = found.filter((entity) => names.some((name) => name(entity) === wanted))
  const byStart = wanted.length < 8 ? [] : found.filter((entity) => textOf(entity, id).startsWith(wanted.toLowerCase()))
  const candidates = byName.length > 0 ? byName : byStart
  const [only, ...others] = candidates
  if (only === undefined) throw faults.entryUnknown({ what, wanted, list })
  if (others.length > 0)
    throw faults.entryAmbiguous({ what, wanted, found: candidates.map((entity) => textOf(entity, id)) })
  return only
}

/** A list with some added and some taken away, each once. */
export const changedList = (
  before: readonly string[],
  given: { readonly add: readonly string[]; readonly remove: readonly string[] },
): readonly string[] => [...new Set([...before, ...given.add])].filter((each) => !given.remove.includes(each))
