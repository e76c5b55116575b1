import { isNode } from '../../message/index.ts'
import { compileRegex, type Regex } from '../regex.ts'
import { compare, containsValue, isAmong, isEqual, isInRange, isNull } from './compare.ts'
import { elementsOf } from './elements-of.ts'
import type { Source } from './evaluate.ts'
import { SimpleProblem } from './scan.ts'
import { textOf } from './text-of.ts'

/** An operator at work on the values of its two sides. */
type Compare = (left: unknown, right: unknown) => boolean

const ordered =
  (holds: (order: number) => boolean): Compare =>
  (left, right) => {
    // In Camel two missing values satisfy every comparison of order.
    if (isNull(left) && isNull(right)) return true
    const order = compare(left, right)
    return order !== undefined && holds(order)
  }

const isEqualIgnoringCase: Compare = (left, right) =>
  isEqual(left, right) ||
  (!isNull(left) && !isNull(right) && textOf(left).toLowerCase() === textOf(right).toLowerCase())

const texts =
  (holds: (left: string, right: string) => boolean): Compare =>
  (left, right) =>
    !isNull(left) && !isNull(right) && holds(textOf(left), textOf(right))

/** Operators that need nothing at deployment. Each may be negated by `not` or `!`. */
const comparisons: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ['=', isEqual],
  ['=~', isEqualIgnoringCase],
  ['>', ordered((order) => order > 0)],
  ['>=', ordered((order) => order >= 0)],
  ['<', ordered((order) => order < 0)],
  ['<=', ordered((order) => order <= 0)],
  ['contains', containsValue],
  ['~~', texts((left, right) => left.toLowerCase().includes(right.toLowerCase()))],
  ['in', isAmong],
  ['starts with', texts((left, right) => left.startsWith(right))],
  ['ends with', texts((left, right) => left.endsWith(right))],
])

/** An operator as it is written, its name here, and whether it negates. The longer spelling stands first. */
const spellings: readonly (readonly [spelling: RegExp, name: string, negated: boolean])[] = [
  [/^==/, '=', false],
  [/^=~/, '=~', false],
  [/^=/, '=', false],
  [/^!=~/, '=~', true],
  [/^!=/, '=', true],
  [/^>=/, '>=', false],
  [/^<=/, '<=', false],
  [/^>/, '>', false],
  [/^</, '<', false],
  [/^!~~/, '~~', true],
  [/^~~/, '~~', false],
  ...['contains', 'regex', 'range', 'is', 'in'].flatMap((word) => [
    [new RegExp(`^(?:not\\s+|!)${word}(?!\\w)`), word, true] as const,
    [new RegExp(`^${word}(?!\\w)`), word, false] as const,
  ]),
  [/^starts ?with(?!\w)/i, 'starts with', false],
  [/^ends ?with(?!\w)/i, 'ends with', false],
]

/** The operator that stands at this index; undefined when none does. */
export function readOperator(
  source: string,
  at: number,
): { readonly name: { readonly word: string; readonly negated: boolean }; readonly next: number } | undefined {
  const rest = source.slice(at, at + 100)
  for (const [spelling, word, negated] of spellings) {
    const found = spelling.exec(rest)
    if (found !== null) return { name: { word, negated }, next: at + found[0].length }
  }
  return undefined
}

/**
 * Compiles an operator; `right` is its right side where that is the same for all messages.
 * @throws languages.regexMalformed; SimpleProblem
 */
export function compileOperator(
  { word, negated }: { readonly word: string; readonly negated: boolean },
  right: unknown,
  source: Source,
): Compare {
  const comparison = comparisons.get(word) ?? compileSpecial(word, right, source)
  return negated ? (left, right) => !comparison(left, right) : comparison
}

function compileSpecial(word: string, right: unknown, source: Source): Compare {
  if (word === 'regex') return compileRegexOperator(right)
  if (word === 'is') return compileIs(right, source)
  const range = textOf(right)
  if (isInRange(0, range) === undefined) throw new SimpleProblem(source.start, 'a range is written as 1..99 in quotes.')
  return (left) => isInRange(left, range) === true
}

/** The whole text must match. A pattern that comes with the message is compiled when it differs from the one before. */
function compileRegexOperator(right: unknown): Compare {
  let pattern = textOf(right)
  let regex: Regex | undefined = right === undefined ? undefined : compileRegex(pattern)
  return (left, right) => {
    if (isNull(left)) return false
    const asked = textOf(right)
    if (regex === undefined || asked !== pattern) {
      regex = compileRegex(asked)
      pattern = asked
    }
    return regex.matches(textOf(left))
  }
}

/** Java types by the end of their name, with what they mean for a value here. */
const types: ReadonlyMap<string, (value: unknown) => boolean> = new Map<string, (value: unknown) => boolean>([
  ['String', (value) => typeof value === 'string'],
  ['Boolean', (value) => typeof value === 'boolean'],
  ['Integer', (value) => Number.isInteger(value)],
  ['Long', (value) => Number.isInteger(value) || typeof value === 'bigint'],
  ['Double', (value) => typeof value === 'number'],
  ['Number', (value) => typeof value === 'number' || typeof value === 'bigint'],
  ['byte[]', (value) => value instanceof Uint8Array],
  ['Date', (value) => value instanceof Date],
  ['Map', (value) => value instanceof Map],
  ['List', (value) => Array.isArray(value)],
  ['Collection', (value) => elementsOf(value) !== undefined],
  ['Node', isNode],
  ['Document', (value) => isNode(value) && value.nodeType === 9],
  ['Element', (value) => isNode(value) && value.nodeType === 1],
  ['NodeList', (value) => Array.isArray(value) && value.every(isNode)],
  ['Object', (value) => !isNull(value)],
])

function compileIs(right: unknown, source: Source): Compare {
  const name = textOf(right)
  const isOf = types.get(name.slice(name.lastIndexOf('.') + 1))
  if (isOf === undefined) throw new SimpleProblem(source.start, `'${name}' is no type that 'is' can test for.`)
  return (left) => isOf(left)
}
