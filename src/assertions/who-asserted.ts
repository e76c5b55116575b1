import { RE2JS } from 're2js'

import type { GroupRule, IdentityProvider } from '../identity/index.ts'

/** Attributes of an assertion by name; a name that stands there twice has the values of both. */
export type AttributeValues = ReadonlyMap<string, readonly string[]>

const longestUser = 255

/** A name that can be compared letter by letter: nothing around it and nothing in it that is not seen. */
export const isUserName = (text: string): boolean =>
  text.length > 0 && text.length <= longestUser && text.trim() === text && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)

/** The attributes of the principal: the default ones, and over them those that the provider takes over. */
export function attributesBy(
  { defaultAttributes, attributes }: Pick<IdentityProvider, 'defaultAttributes' | 'attributes'>,
  given: AttributeValues,
): Readonly<Record<string, string>> {
  const taken = attributes.flatMap(({ from, to }) => {
    if (from === '*') return [...given].map(([name, values]) => [name, values.join(',')] as const)
    const values = given.get(from)
    return values === undefined ? [] : [[to, values.join(',')] as const]
  })
  return Object.fromEntries([...Object.entries(defaultAttributes), ...taken])
}

/** The groups of the user by the rules of the provider, each once. */
export const groupsBy = (
  { defaultGroups, groupRules }: Pick<IdentityProvider, 'defaultGroups' | 'groupRules'>,
  given: AttributeValues,
): readonly string[] => [
  ...new Set([
    ...defaultGroups,
    ...groupRules
      .filter((rule) => (given.get(rule.attribute) ?? []).some((value) => operators[rule.operator](value, rule.value)))
      .map(({ group }) => group),
  ]),
]

const operators: Readonly<Record<GroupRule['operator'], (value: string, wanted: string) => boolean>> = {
  equals: (value, wanted) => value === wanted,
  contains: (value, wanted) => wanted !== '' && value.includes(wanted),
  startsWith: (value, wanted) => wanted !== '' && value.startsWith(wanted),
  endsWith: (value, wanted) => wanted !== '' && value.endsWith(wanted),
  matches: (value, wanted) => patternFits(wanted, value),
}

/** RE2 takes time in proportion to the text, whatever the pattern; what it cannot read fits nobody. */
function patternFits(pattern: string, value: string): boolean {
  try {
    return RE2JS.compile(pattern).matches(value)
  } catch {
    return false
  }
}
