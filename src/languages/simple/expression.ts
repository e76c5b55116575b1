import { faults } from '../faults.ts'
import type { Evaluate } from './evaluate.ts'
import { compileFunction } from './functions.ts'
import { type Part, SimpleProblem } from './scan.ts'
import { textOf } from './text-of.ts'

/** Parts that were compiled: a constant text, or a function of the message. */
export type Compiled = { readonly constant: string } | { readonly evaluate: Evaluate }

/** Most compiled texts that one function with functions in it keeps. */
const rememberedTexts = 200

/**
 * Compiles the parts of a source to one value: a single function keeps the type of its value, everything else is text.
 * @throws languages.simpleFunctionUnknown, languages.simpleMethodUnknown, languages.datePatternMalformed; SimpleProblem
 */
export function compileParts(parts: readonly Part[], expression: string): Compiled {
  const [first, second] = parts
  if (first === undefined) return { constant: '' }
  if (second === undefined)
    return 'text' in first ? { constant: first.text } : { evaluate: compileCall(first, expression) }
  const pieces = parts.map((part) => ('text' in part ? part.text : compileCall(part, expression)))
  return {
    evaluate: (exchange, env) => {
      let text = ''
      for (const piece of pieces) text += typeof piece === 'string' ? piece : textOf(piece(exchange, env))
      return text
    },
  }
}

type Call = Extract<Part, { call: unknown }>

function compileCall({ call, start, step }: Call, expression: string): Evaluate {
  const source = { expression, start }
  const [first] = call
  const evaluate =
    call.length === 1 && first !== undefined && 'text' in first
      ? compileFunction(first.text.trim(), source)
      : compileNested(call, source)
  return step === 0 ? evaluate : (exchange, env) => stepped(evaluate(exchange, env), step)
}

/** `${property.a${property.b}}`: the inner functions make the text of the outer one, which is compiled once for each text. */
function compileNested(
  call: readonly Part[],
  source: { readonly expression: string; readonly start: number },
): Evaluate {
  // With a digit in place of each inner function the outer one can be checked when the flow is deployed.
  compileFunction(
    call
      .map((part) => ('text' in part ? part.text : '0'))
      .join('')
      .trim(),
    source,
  )
  const inner = compileParts(call, source.expression)
  const known = new Map<string, Evaluate>()
  return (exchange, env) => {
    const text = 'constant' in inner ? inner.constant : textOf(inner.evaluate(exchange, env)).trim()
    let evaluate = known.get(text)
    if (evaluate === undefined) {
      if (known.size >= rememberedTexts) known.clear()
      evaluate = located(source.expression, () => compileFunction(text, source))
      known.set(text, evaluate)
    }
    return evaluate(exchange, env)
  }
}

function stepped(value: unknown, step: number): unknown {
  const text = textOf(value).trim()
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) + step : value
}

/** Runs a part of the compiler and turns its problem into the fault that names expression and place. */
export function located<Result>(expression: string, compile: () => Result): Result {
  try {
    return compile()
  } catch (problem) {
    if (!(problem instanceof SimpleProblem)) throw problem
    throw faults.simpleMalformed({ expression, position: problem.start + 1, why: problem.message }, { cause: problem })
  }
}
