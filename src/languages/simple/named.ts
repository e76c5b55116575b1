import type { Exchange } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { readChain, unquoted } from './access.ts'
import { compileChain, unknownMethods } from './chain.ts'
import type { Evaluate } from './evaluate.ts'

/** A header, whose name has no case. @throws languages.simpleMethodUnknown */
export const compileHeader = (text: string, expression: string): Evaluate =>
  compileNamed(text, (exchange, name) => exchange.headers.get(name), expression)

/** A property, whose name has case. @throws languages.simpleMethodUnknown */
export const compileProperty = (text: string, expression: string): Evaluate =>
  compileNamed(text, (exchange, name) => exchange.properties.get(name), expression)

type LookUp = (exchange: Exchange, name: string) => unknown

/**
 * A header or property by name, with the chain of calls behind it. Names may hold dots and brackets themselves, so the
 * whole text is tried as a name first, then what stands before a chain, the longest name first.
 * @throws languages.simpleMethodUnknown
 */
function compileNamed(text: string, lookUp: LookUp, expression: string): Evaluate {
  const name = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const full = unquoted(name.trim() === '' ? name : name.trim())
  const candidates = [...name.matchAll(/[.?[]/g)].reverse().flatMap(({ index }) => {
    const links = index === 0 ? undefined : readChain(name.slice(index))
    return links === undefined ? [] : [{ base: name.slice(0, index), links }]
  })
  if (candidates.length === 0) return (exchange) => lookUp(exchange, full)
  refuseUnknownMethods(candidates, expression)
  const chains = candidates
    .filter(({ links }) => unknownMethods(links).length === 0)
    .map(({ base, links }) => ({ base, follow: compileChain(links, expression) }))
  return (exchange) => {
    const whole = lookUp(exchange, full)
    if (whole !== undefined) return whole
    for (const { base, follow } of chains) {
      const value = lookUp(exchange, base)
      if (value !== undefined) return follow(value)
    }
    return undefined
  }
}

/** Only where the text is a plain name with calls: anything else may be the odd name of a property. */
function refuseUnknownMethods(
  candidates: readonly { readonly base: string; readonly links: Parameters<typeof unknownMethods>[0] }[],
  expression: string,
): void {
  const shortest = candidates.at(-1)
  if (shortest === undefined || !/^[\w-]+$/.test(shortest.base)) return
  const [method] = unknownMethods(shortest.links)
  if (method !== undefined) throw faults.simpleMethodUnknown({ expression, method: `${method}()` })
}
