import { Fault, wordsOf } from '../../base/index.ts'
import { faults } from '../faults.ts'
import type { Link } from './access.ts'
import { isNull } from './compare.ts'
import { elementsOf } from './elements-of.ts'
import { memberOf, methodOf } from './methods.ts'
import { principalView } from './principal-view.ts'

/** Names of the methods in a chain that Sluice does not know. */
export const unknownMethods = (links: readonly Link[]): string[] =>
  links.flatMap((link) => (link.kind === 'call' && methodOf(link.name) === undefined ? [link.name] : []))

/**
 * Compiles a chain to a function on its first value. Nothing on the way yields nothing, with `?.` and without.
 * The function throws languages.simpleMethodUnknown, languages.simpleCallFailed.
 */
export function compileChain(links: readonly Link[], expression: string): (value: unknown) => unknown {
  const steps = links.map((link) => compileLink(link, expression))
  return (value) => {
    let result = principalView(value)
    for (const step of steps) {
      if (isNull(result)) return null
      result = step(result)
    }
    return result
  }
}

function compileLink(link: Link, expression: string): (value: unknown) => unknown {
  if (link.kind === 'index') return (value) => elementAt(value, link.key)
  if (link.kind === 'name') {
    return (value) => {
      const member = memberOf(value, link.name)
      if (member === undefined) throw faults.simpleMethodUnknown({ expression, method: link.name })
      return member()
    }
  }
  const method = methodOf(link.name)
  if (method === undefined) throw faults.simpleMethodUnknown({ expression, method: link.name })
  return (value) => {
    try {
      return method(value, ...link.arguments)
    } catch (cause) {
      if (cause instanceof Fault) throw cause
      throw faults.simpleCallFailed({ expression, method: link.name, why: `${wordsOf(cause)}.` }, { cause })
    }
  }
}

/** `[0]`, `[last]`, `[last-1]` or the key of a map. A single value counts as a list of one. */
function elementAt(value: unknown, key: string): unknown {
  if (value instanceof Map) return value.get(key)
  const elements = elementsOf(value) ?? [value]
  const fromEnd = /^last(?:\s*-\s*(\d+))?$/.exec(key)
  const index = fromEnd === null ? Number(key) : elements.length - 1 - Number(fromEnd[1] ?? 0)
  return elements[index]
}
