import type { Exchange } from '../../message/index.ts'
import type { Environment } from '../environment.ts'
import { isTruthy } from './compare.ts'
import { type Compiled, compileParts, located } from './expression.ts'
import type { Evaluate } from './evaluate.ts'
import { compileOperator, readOperator } from './operators.ts'
import { bodyOfFunction, readFunction, scan, SimpleProblem } from './scan.ts'

/** A condition on a message, compiled. */
export interface Condition {
  readonly source: string
  /** False where it is a value alone, such as `${property.x}`, without an operator. */
  readonly compares: boolean
  readonly test: (exchange: Exchange, env: Environment) => boolean
}

type Test = Condition['test']

/** An operand with the index behind it. */
interface Operand {
  readonly value: Compiled | { readonly literal: unknown }
  readonly next: number
}

/**
 * Compiles a condition of the Simple language of Camel. `and` and `or` have no precedence: they combine strictly from
 * left to right, as in Camel, and there are no parentheses. `null` is not the empty text.
 * @throws languages.simpleMalformed, languages.simpleFunctionUnknown, languages.simpleMethodUnknown,
 *   languages.regexMalformed
 */
export function compileCondition(source: string): Condition {
  return { source, ...located(source, () => readCondition(source)) }
}

function readCondition(source: string): Omit<Condition, 'source'> {
  let { test, next, compares } = readTerm(source, 0)
  for (;;) {
    next = skipSpace(source, next)
    if (next >= source.length) return { test, compares }
    const found = logical(source, next)
    if (found === undefined) throw new SimpleProblem(next, "'and' or 'or' is expected here.")
    const left = test
    const right = readTerm(source, next + found.length)
    const both = found === 'and' || found === '&&'
    test = both
      ? (exchange, env) => left(exchange, env) && right.test(exchange, env)
      : (exchange, env) => left(exchange, env) || right.test(exchange, env)
    next = right.next
    compares = true
  }
}

function logical(source: string, at: number): string | undefined {
  return /^(?:&&|\|\||and(?![\w])|or(?![\w]))/.exec(source.slice(at, at + 4))?.[0]
}

interface Term {
  readonly test: Test
  readonly compares: boolean
  readonly next: number
}

function readTerm(source: string, from: number): Term {
  const left = readOperand(source, skipSpace(source, from))
  const start = skipSpace(source, left.next)
  const leftValue = valueOf(left)
  if (start >= source.length || logical(source, start) !== undefined)
    return { test: (exchange, env) => isTruthy(leftValue(exchange, env)), compares: false, next: left.next }
  const operator = readOperator(source, start)
  if (operator === undefined) throw new SimpleProblem(start, 'an operator such as = or contains is expected here.')
  const right = readOperand(source, skipSpace(source, operator.next))
  const constant =
    'constant' in right.value ? right.value.constant : 'literal' in right.value ? right.value.literal : undefined
  const compare = compileOperator(operator.name, constant, { expression: source, start })
  const rightValue = valueOf(right)
  const test: Test = (exchange, env) => compare(leftValue(exchange, env), rightValue(exchange, env))
  return { test, compares: true, next: right.next }
}

function valueOf({ value }: Operand): Evaluate {
  if ('evaluate' in value) return value.evaluate
  const constant = 'constant' in value ? value.constant : value.literal
  return () => constant
}

/** Quotes by what closes them; typographic ones come from texts that were pasted. */
const quotes: Readonly<Record<string, string>> = { "'": "'", '"': '"', '‘': '’‘', '’': '’', '“': '”“', '”': '”' }

function readOperand(source: string, at: number): Operand {
  const body = bodyOfFunction(source, at)
  if (body !== undefined) {
    const { part, next } = readFunction(source, at, body)
    return { value: compileParts([part], source), next }
  }
  const closing = quotes[source.charAt(at)]
  if (closing !== undefined) {
    const { parts, next } = scan(source, at + 1, closing)
    return { value: compileQuoted(parts, source), next }
  }
  const [word] = /^(?:null|true|false)(?![\w.])|^[+-]?\d+(?:\.\d+)?(?![\w.])/.exec(source.slice(at)) ?? []
  if (word === undefined)
    throw new SimpleProblem(
      Math.min(at, source.length),
      'a function, a text in quotes, a number, null, true or false is expected here.',
    )
  const literal = word === 'null' ? null : word === 'true' || word === 'false' ? word === 'true' : numberOf(word)
  return { value: { literal }, next: at + word.length }
}

/** A function alone in quotes keeps its value, and with it the difference between nothing and an empty text. */
const compileQuoted = (parts: Parameters<typeof compileParts>[0], source: string): Compiled =>
  compileParts(parts, source)

/** Whole numbers too long for a number stay texts, which compare as exactly. */
const numberOf = (word: string): number | string => (word.length > 15 ? word : Number(word))

function skipSpace(source: string, from: number): number {
  let at = from
  while (at < source.length && /[\s\u00a0]/.test(source.charAt(at))) at++
  return at
}
