import type { Primitive, Property, Row } from '../edm.ts'
import type { Shown, ShownList } from './shown.ts'

/** A list as OData v2 JSON: `{"d":{"results":[…]}}`. */
export function jsonList<Context>(list: ShownList<Context>, namespace: string): string {
  return JSON.stringify({
    d: {
      ...(list.count !== undefined && { __count: String(list.count) }),
      results: list.entries.map((entry) => entity(entry, namespace)),
      ...(list.next !== undefined && { __next: list.next }),
    },
  })
}

/** One entity as OData v2 JSON: `{"d":{…}}`. */
export const jsonEntity = <Context>(shown: Shown<Context>, namespace: string): string =>
  JSON.stringify({ d: entity(shown, namespace) })

/** One property as OData v2 JSON: `{"d":{"Name":…}}`. */
export const jsonProperty = (name: string, property: Property, value: Row[string], namespace: string): string =>
  JSON.stringify({ d: { [name]: propertyValue(property, value, namespace) } })

function entity<Context>({ set, row, uri, properties, navigations }: Shown<Context>, namespace: string): object {
  const { name, media } = set.type
  const links = [...navigations].map(([navigation, inline]) => [
    navigation,
    inlineValue(inline, `${uri}/${navigation}`, namespace),
  ])
  return {
    __metadata: {
      id: uri,
      uri,
      type: `${namespace}.${name}`,
      ...(media !== undefined && { content_type: media, media_src: `${uri}/$value`, edit_media: `${uri}/$value` }),
    },
    ...Object.fromEntries(
      properties.map((property) => [property, declaredValue(set.type.properties, property, row, namespace)]),
    ),
    ...Object.fromEntries(links),
  }
}

function inlineValue<Context>(
  inline: readonly Shown<Context>[] | Shown<Context> | null | undefined,
  uri: string,
  namespace: string,
): unknown {
  if (inline === undefined) return { __deferred: { uri } }
  if (inline === null) return null
  return 'set' in inline ? entity(inline, namespace) : { results: inline.map((one) => entity(one, namespace)) }
}

function declaredValue(
  properties: Readonly<Record<string, Property>>,
  name: string,
  row: Row,
  namespace: string,
): unknown {
  const property = properties[name]
  return property && propertyValue(property, row[name], namespace)
}

function propertyValue(property: Property, value: Row[string], namespace: string): unknown {
  if (value === null || value === undefined) return null
  if ('complex' in property) {
    const inner = value as Row
    const values = Object.keys(property.complex.properties).map((name) => [
      name,
      declaredValue(property.complex.properties, name, inner, namespace),
    ])
    return { __metadata: { type: `${namespace}.${property.complex.name}` }, ...Object.fromEntries(values) }
  }
  return primitive(property.type, value as Primitive)
}

function primitive(type: string, value: Primitive): unknown {
  if (type === 'Edm.DateTime') return `/Date(${String(value)})/`
  // 64 bits do not fit into a number of JSON; the format writes them as text.
  if (type === 'Edm.Int64') return String(value)
  return value
}
