import type { Exchange } from '../../message/index.ts'
import type { Environment } from '../environment.ts'
import { compileParts, located } from './expression.ts'
import { scan } from './scan.ts'
import { textOf } from './text-of.ts'

/** Text with functions in it, compiled. */
export interface Template {
  readonly source: string
  /** True when nothing of the message goes into it. */
  readonly constant: boolean
  /** True when the source is the body and nothing else: a body set to it stays as it is, bytes and all. */
  readonly isBody: boolean
  /** What it yields: any value when the source is a single function, null for a missing one; else text. */
  readonly value: (exchange: Exchange, env: Environment) => unknown
  /** What it yields, as text; a missing value is the empty text. */
  readonly text: (exchange: Exchange, env: Environment) => string
}

/**
 * Compiles a template of the Simple language of Camel.
 * @throws languages.simpleMalformed, languages.simpleFunctionUnknown, languages.simpleMethodUnknown,
 *   languages.datePatternMalformed
 */
export function compileTemplate(source: string): Template {
  const compiled = located(source, () => compileParts(scan(source).parts, source))
  const isBody = /^\$(?:simple)?\{\s*(?:in\.)?body\s*\}$/.test(source)
  if ('constant' in compiled) {
    const { constant } = compiled
    return { source, constant: true, isBody, value: () => constant, text: () => constant }
  }
  const { evaluate } = compiled
  return {
    source,
    constant: false,
    isBody,
    value: (exchange, env) => evaluate(exchange, env) ?? null,
    text: (exchange, env) => textOf(evaluate(exchange, env)),
  }
}
