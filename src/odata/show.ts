import type { Row } from './edm.ts'
import type { Collection, EntitySet } from './entity-set.ts'
import { keyPredicate } from './entity-key.ts'
import { faults } from './faults.ts'
import type { Shown } from './payload/shown.ts'
import type { Query } from './query/query-options.ts'
import type { Walk } from './resolve.ts'

// An expanded list is shown whole; more than this asks for a request of its own.
const mostExpanded = 1000

/**
 * Makes an entity ready for a writer: properties selected, navigations expanded as far as asked.
 * @throws odata.optionInvalid, and what the sets throw
 */
export async function show<Context>(
  set: EntitySet<Context>,
  row: Row,
  { select, expand }: Pick<Query, 'select' | 'expand'>,
  root: string,
  walk: Walk<Context>,
): Promise<Shown<Context>> {
  const { properties, navigations = {} } = set.type
  const expanded = new Map<string, (readonly string[])[]>()
  for (const [name = '', ...deeper] of expand) {
    if (!Object.hasOwn(navigations, name))
      throw faults.optionInvalid({ option: '$expand', why: `names '${name}', which ${set.type.name} does not have` })
    expanded.set(name, [...(expanded.get(name) ?? []), ...(deeper.length > 0 ? [deeper] : [])])
  }
  const inline: [string, readonly Shown<Context>[] | Shown<Context> | null | undefined][] = []
  for (const [name, navigation] of Object.entries(navigations)) {
    const deeper = expanded.get(name)
    if (select && !select.has(name) && deeper === undefined) continue
    const target = walk.sets.get(navigation.to)
    const value =
      deeper && target && (await showRelated(navigation.of(row), target, navigation.many, deeper, root, walk))
    inline.push([name, value])
  }
  return {
    set,
    row,
    uri: `${root}${set.name}${keyPredicate(set.type, row)}`,
    properties: Object.keys(properties).filter((name) => select === undefined || select.has(name)),
    navigations: new Map(inline),
  }
}

async function showRelated<Context>(
  collection: Collection<Context>,
  set: EntitySet<Context>,
  many: boolean,
  expand: readonly (readonly string[])[],
  root: string,
  walk: Walk<Context>,
): Promise<readonly Shown<Context>[] | Shown<Context> | null> {
  const query: Query = {
    filter: undefined,
    orderBy: [],
    top: undefined,
    skip: 0,
    skipToken: 0,
    select: undefined,
    expand,
    inlineCount: false,
  }
  if (!many) {
    if (!collection.find) return null
    walk.authorize(collection.find.requires, walk.context)
    const row = await collection.find.run({}, walk.context)
    return row ? show(set, row, query, root, walk) : null
  }
  const rows = await relatedRows(collection, query, walk)
  const shown: Shown<Context>[] = []
  for (const row of rows) shown.push(await show(set, row, query, root, walk))
  return shown
}

async function relatedRows<Context>(
  { list, query: pushDown }: Collection<Context>,
  query: Query,
  { authorize, context }: Walk<Context>,
): Promise<readonly Row[]> {
  if (list) {
    authorize(list.requires, context)
    return list.run(context)
  }
  if (!pushDown) return []
  authorize(pushDown.requires, context)
  return pushDown.run({ query, skip: 0, top: mostExpanded }, context)
}
