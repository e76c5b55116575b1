import { isPrincipal } from '../../message/index.ts'

/** Made once for each principal: it is the same object for all messages of a caller. */
const views = new WeakMap<object, ReadonlyMap<string, unknown>>()

/** Texts of maps and lists that do not read as those of Java do. */
const texts = new WeakMap<object, string>()

/** The text of a part of a principal, where it is another than that of any such list or map. */
export const ownText = (value: object): string | undefined => texts.get(value)

/**
 * A principal as a map, whose members chains read like those of any map; any other value as it is. The text of the map
 * is the name, that of a list in it has commas: `admins,buyers`.
 */
export function principalView(value: unknown): unknown {
  if (!isPrincipal(value)) return value
  const known = views.get(value)
  if (known !== undefined) return known
  const view = mapOf(value)
  texts.set(view, value.name)
  views.set(value, view)
  return view
}

const mapOf = (facts: object): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(facts).map(([name, value]) => [name, formOf(value)]))

function formOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = Object.freeze([...(value as readonly unknown[])])
    texts.set(list, list.join(','))
    return list
  }
  return typeof value === 'object' && value !== null ? mapOf(value) : value
}
