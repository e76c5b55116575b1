import type { Property, Row } from './edm.ts'
import type { Collection, EntitySet, Requirement } from './entity-set.ts'
import { keyOf } from './entity-key.ts'
import { faults } from './faults.ts'
import type { ResourcePath } from './resource-path.ts'

/** What an address leads to. */
export interface Target<Context> {
  readonly set: EntitySet<Context>
  readonly collection: Collection<Context>
  /** Address of the target below the service root, for links and messages. */
  readonly path: string
  /** True for one entity: a key was given, or the navigation leads to one. */
  readonly single: boolean
  readonly key: Row
  /** Set when the address ends in a property of the entity. */
  readonly property: { readonly name: string; readonly declared: Property } | undefined
}

/** What walking along an address needs: the declarations, and who asks. */
export interface Walk<Context> {
  readonly sets: ReadonlyMap<string, EntitySet<Context>>
  readonly authorize: (requires: Requirement, context: Context) => void
  readonly context: Context
}

/**
 * Follows an address. Every entity on the way is read, with the caller's permissions, before its navigation is used.
 * @throws odata.segmentUnknown, odata.keyMismatch, odata.entityMissing, and what the sets throw
 */
export async function resolve<Context>({ segments }: ResourcePath, walk: Walk<Context>): Promise<Target<Context>> {
  const [first, ...rest] = segments
  const set = first && walk.sets.get(first.name)
  if (!first || !set) throw faults.segmentUnknown({ segment: first?.name ?? '' })
  let target: Target<Context> = {
    set,
    collection: set,
    path: first.name,
    single: first.key !== undefined,
    key: first.key === undefined ? {} : keyOf(set.type, first.key),
    property: undefined,
  }
  for (const { name, key } of rest) {
    if (!target.single || target.property) throw faults.segmentUnknown({ segment: name })
    target = await step(target, name, key, walk)
  }
  return target
}

async function step<Context>(
  from: Target<Context>,
  name: string,
  key: ResourcePath['segments'][number]['key'],
  walk: Walk<Context>,
): Promise<Target<Context>> {
  const { properties, navigations = {} } = from.set.type
  const declared = Object.hasOwn(properties, name) ? properties[name] : undefined
  if (declared && key === undefined) return { ...from, path: `${from.path}/${name}`, property: { name, declared } }
  const navigation = Object.hasOwn(navigations, name) ? navigations[name] : undefined
  const set = navigation && walk.sets.get(navigation.to)
  if (!navigation || !set || (key !== undefined && !navigation.many)) throw faults.segmentUnknown({ segment: name })
  return {
    set,
    collection: navigation.of(await findEntity(from, walk)),
    path: `${from.path}/${name}`,
    single: !navigation.many || key !== undefined,
    key: key === undefined ? {} : keyOf(set.type, key),
    property: undefined,
  }
}

/**
 * The entity that a target names.
 * @throws odata.entityMissing, odata.methodNotAllowed
 */
export async function findEntity<Context>(
  { collection, set, key, path }: Target<Context>,
  walk: Walk<Context>,
): Promise<Row> {
  const found = await lookUp(collection, set, key, path, walk)
  if (!found) throw faults.entityMissing({ set: set.name })
  return found
}

async function lookUp<Context>(
  { find, list }: Collection<Context>,
  { type }: EntitySet<Context>,
  key: Row,
  path: string,
  { authorize, context }: Walk<Context>,
): Promise<Row | undefined> {
  if (find) {
    authorize(find.requires, context)
    return find.run(key, context)
  }
  if (!list) throw faults.methodNotAllowed({ method: 'GET', resource: path, allowed: 'nothing' })
  authorize(list.requires, context)
  const rows = await list.run(context)
  return rows.find((row) => type.key.every((name) => !Object.hasOwn(key, name) || row[name] === key[name]))
}
