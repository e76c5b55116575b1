import { faults } from '../faults.ts'
import type { Json } from '../parameters/read-json.ts'
import { asText, type Reader, readMembers } from '../parameters/read-members.ts'

/** The GUID of `{"data":{"guid":"…"}}`. */
export const asRelationship: Reader<string> = (value) => {
  const guid = memberOf(memberOf(value, 'data'), 'guid')
  return typeof guid === 'string' ? { value: guid } : { problem: 'must be {"data":{"guid":"…"}}' }
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined

const asIs: Reader<Json> = (value) => ({ value })

// Nothing is kept of labels and tags; saying nothing about it would lose them silently.
const asNothing: Reader<Json> = (value) =>
  isEmpty(value) ? { value } : { problem: 'is not kept here, so it must be empty' }

const isEmpty = (value: Json): boolean =>
  value === null || (typeof value === 'object' && Object.values(value as object).every((one) => isEmpty(one as Json)))

const readers = {
  type: asText,
  name: asText,
  parameters: asIs,
  relationships: asIs,
  metadata: asNothing,
  tags: asNothing,
}

/** What creations and changes of instances and bindings have in common. @throws api.parametersInvalid */
export function readResource(body: Json) {
  const { type, name, parameters, relationships } = readMembers(body, readers, 'body')
  return { type, name, parameters, relationships }
}

/** @throws api.parametersInvalid for one that is not text, not known or missing */
export function readRelationships<const Name extends string>(
  given: Json | undefined,
  required: readonly Name[],
): Readonly<Record<Name, string>> {
  const known = Object.fromEntries(required.map((name) => [name, asRelationship]))
  const found = readMembers(given ?? {}, known, 'relationships')
  const missing = required.filter((name) => found[name] === undefined).map((name) => `'${name}' is missing`)
  if (missing.length > 0) throw faults.parametersInvalid({ property: 'relationships', problems: missing })
  return found as Readonly<Record<Name, string>>
}

/** @throws api.propertyMissing, api.parametersInvalid */
export function requireName(name: string | undefined): string {
  if (name === undefined || name === '') throw faults.propertyMissing({ names: ['name'] })
  return name
}
