import { randomInt } from 'node:crypto'

import { uuid } from '../../base/index.ts'
import { faults } from '../faults.ts'
import { readChain, unquoted } from './access.ts'
import { compileChain, unknownMethods } from './chain.ts'
import { compileDate } from './date-functions.ts'
import { type Evaluate, type Source, unknownFunction } from './evaluate.ts'
import { compileFile } from './file-functions.ts'
import { compileHeader, compileProperty } from './named.ts'
import { SimpleProblem } from './scan.ts'
import { textOf } from './text-of.ts'

const body: Evaluate = (exchange) => exchange.body.text()
const flowId: Evaluate = (_, env) => env.flow.id
const messageId: Evaluate = (_, env) => env.messageId
const exceptionMessage: Evaluate = (_, env) => env.exception?.message

/** Functions without a name or arguments. A chain of calls may follow each. */
const plain: ReadonlyMap<string, Evaluate> = new Map<string, Evaluate>([
  ['null', () => null],
  ['body', body],
  ['in.body', body],
  ['headers', (exchange) => new Map(exchange.headers)],
  ['in.headers', (exchange) => new Map(exchange.headers)],
  ['exception.message', exceptionMessage],
  ['exception.getMessage()', exceptionMessage],
  ['exception.stacktrace', (_, env) => env.exception?.stack],
  ['exception', exceptionMessage],
  ['camelId', flowId],
  ['camelContext.name', flowId],
  ['camelContext.getName()', flowId],
  ['routeId', flowId],
  ['exchangeId', messageId],
  ['messageId', messageId],
  ['id', messageId],
  ['uuid', uuid],
])

type Compile = (rest: string, source: Source) => Evaluate

/** Functions that begin with a word and go on with a name, a type or a pattern; the longer word stands first. */
const prefixed: readonly (readonly [prefix: RegExp, compile: Compile])[] = [
  [/^(?:in\.)?headers?\??\.|^(?:in\.)?headers?(?=\[)/, (rest, { expression }) => compileHeader(rest, expression)],
  [
    /^(?:exchangeProperty|property)\??\.|^(?:exchangeProperty|property)(?=\[)/,
    (rest, { expression }) => compileProperty(rest, expression),
  ],
  [/^(?:in\.)?(?:mandatoryB|b)odyAs(?=\()/, compileBodyAs],
  [/^headerAs(?=\()/, compileHeaderAs],
  [/^random(?=\()/, compileRandom],
  [/^date-with-timezone:/, (rest, source) => compileDate(rest, true, source)],
  [/^date:/, (rest, source) => compileDate(rest, false, source)],
  [/^file:/, (rest, source) => compileFile(rest, source)],
]

/**
 * Compiles the text between the braces of a function.
 * @throws languages.simpleFunctionUnknown, languages.simpleMethodUnknown, languages.datePatternMalformed; SimpleProblem
 */
export function compileFunction(text: string, source: Source): Evaluate {
  const whole = plain.get(text)
  if (whole !== undefined) return whole
  for (const [prefix, compile] of prefixed) {
    const found = prefix.exec(text)
    if (found !== null) return compile(text.slice(found[0].length), source)
  }
  const [base, evaluate] = longestPlain(text)
  if (base !== undefined) return withChain(evaluate, text.slice(base.length), source)
  throw unknownFunction(text, source)
}

/** The plain function that the text goes on from with a chain. */
function longestPlain(text: string): readonly [string, Evaluate] | readonly [undefined, Evaluate] {
  let best: string | undefined
  for (const name of plain.keys()) {
    if (text.startsWith(name) && /^[.?[]/.test(text.slice(name.length)) && name.length > (best?.length ?? 0))
      best = name
  }
  return best === undefined ? [undefined, () => undefined] : [best, plain.get(best) ?? (() => undefined)]
}

function withChain(evaluate: Evaluate, rest: string, source: Source): Evaluate {
  if (rest === '') return evaluate
  const links = readChain(rest)
  if (links === undefined) throw new SimpleProblem(source.start, `'${rest}' is no method call.`)
  const [unknown] = unknownMethods(links)
  if (unknown !== undefined) throw faults.simpleMethodUnknown({ expression: source.expression, method: `${unknown}()` })
  const follow = compileChain(links, source.expression)
  return (exchange, env) => follow(evaluate(exchange, env))
}

/** `(a, b)` and what follows it. */
function readParentheses(rest: string, source: Source): readonly [inside: string, chain: string] {
  const end = rest.indexOf(')')
  if (end < 0) throw new SimpleProblem(source.start, "'(' is not closed.")
  return [rest.slice(1, end), rest.slice(end + 1)]
}

/** A value in the form of a Java type, as far as the form differs here. */
function converted(value: unknown, type: string): unknown {
  if (value === undefined || value === null) return value
  if (/^(?:byte\[\])$/.test(type)) return Buffer.isBuffer(value) ? value : Buffer.from(textOf(value), 'utf8')
  const text = textOf(value)
  if (/(?:^|\.)(?:Integer|Long|int|long|Double|double)$/.test(type))
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : null
  if (/(?:^|\.)[Bb]oolean$/.test(type)) return text.toLowerCase() === 'true'
  return text
}

function compileBodyAs(rest: string, source: Source): Evaluate {
  const [given, chain] = readParentheses(rest, source)
  const type = unquoted(given.trim())
  const asBytes = type === 'byte[]'
  const read: Evaluate = (exchange) => (asBytes ? exchange.body.bytes() : converted(exchange.body.text(), type))
  return withChain(read, chain, source)
}

function compileHeaderAs(rest: string, source: Source): Evaluate {
  const [given, chain] = readParentheses(rest, source)
  const [name = '', type = ''] = given.split(',').map((part) => unquoted(part.trim()))
  if (name === '' || type === '') throw new SimpleProblem(source.start, 'headerAs needs a name and a type.')
  return withChain((exchange) => converted(exchange.headers.get(name), type), chain, source)
}

function compileRandom(rest: string, source: Source): Evaluate {
  const [given, chain] = readParentheses(rest, source)
  const bounds = given.split(',').map((part) => (/^\s*-?\d{1,9}\s*$/.test(part) ? Number(part) : Number.NaN))
  const [least, most] = bounds.length === 1 ? [0, bounds[0]] : bounds
  if (bounds.length > 2 || least === undefined || most === undefined || !(least < most))
    throw new SimpleProblem(source.start, 'random needs one or two whole numbers, the smaller first.')
  return withChain(() => randomInt(least, most), chain, source)
}
