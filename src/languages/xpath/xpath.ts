import fontoxpath, { type ReturnType } from 'fontoxpath'
import type { Node } from 'slimdom'
import { Document } from 'slimdom'

import type { Exchange } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { withDescendantAxis } from './descendants.ts'
import { compileProblem, failure } from './problems.ts'
import { variableNames, type Variables, variablesOf, xpathValue } from './variables.ts'

/**
 * An XPath 3.1 expression, compiled. The methods without `On` start at the body's document and take `$name` from the
 * headers, else from the properties; the others start at any node with variables of the caller's.
 * All throw languages.xpathFailed; those on a message also languages.xpathEmptyBody, message.bodyNotXml.
 */
export interface XPath {
  readonly source: string
  /** String value of the first item; empty when there is none. */
  readonly string: (exchange: Exchange) => string
  readonly stringOn: (node: Node, variables?: Variables) => string
  readonly nodes: (exchange: Exchange) => Node[]
  readonly nodesOn: (node: Node, variables?: Variables) => Node[]
  /** Effective boolean value: a node exists, a text is not empty, a number is not zero. */
  readonly boolean: (exchange: Exchange) => boolean
  readonly booleanOn: (node: Node, variables?: Variables) => boolean
  /** Number of the first item; NaN when it is none. */
  readonly number: (exchange: Exchange) => number
  readonly numberOn: (node: Node, variables?: Variables) => number
  /** First item: a node, a text, a number, a boolean; undefined when there is none. */
  readonly first: (exchange: Exchange) => unknown
  /** All items in their order. */
  readonly evaluateOn: (node: Node, variables?: Variables) => readonly unknown[]
}

// fontoxpath is a CommonJS module without names that Node could import one by one.
// oxlint-disable-next-line import/no-named-as-default-member
const { evaluateXPath, Language, ReturnType: Returned } = fontoxpath

const noVariables: Variables = () => undefined

/**
 * Compiles an XPath 3.1 expression with the prefixes of a flow. It reaches nothing outside of the message: there is no
 * `doc`, no `collection` and no `unparsed-text`.
 * @throws languages.xpathMalformed, languages.xpathPrefixUnknown
 */
export function compileXPath(source: string, namespaces: ReadonlyMap<string, string>): XPath {
  if (source.trim() === '') throw faults.xpathMalformed({ expression: source, why: 'it is empty.' })
  const names = variableNames(source)
  const options = {
    language: Language.XPATH_3_1_LANGUAGE,
    // Prefixes that are not here are asked of fontoxpath itself, which knows xs, fn, map, array and math.
    namespaceResolver: (prefix: string) => namespaces.get(prefix) ?? (prefix === '' ? '' : null),
    logger: { trace: () => {} },
  }

  function run<Type extends ReturnType>(expression: string, node: Node, variables: Variables, type: Type) {
    const values: Record<string, unknown> = {}
    for (const name of names) values[name] = xpathValue(variables(name))
    try {
      return evaluateXPath(expression, node, null, values, type, options)
    } catch (thrown) {
      throw failure(source, thrown)
    }
  }

  check(source, (expression) => run(expression, new Document(), noVariables, Returned.BOOLEAN))

  const path = withDescendantAxis(source)
  // The line break ends nothing: it keeps the parenthesis out of a comment that the source may end with.
  const firstString = `string((${path}\n)[1])`
  const firstNumber = `number((${path}\n)[1])`
  const nodesOn: XPath['nodesOn'] = (node, variables = noVariables) =>
    run(path, node, variables, Returned.NODES) as unknown as Node[]
  const stringOn: XPath['stringOn'] = (node, variables = noVariables) =>
    run(firstString, node, variables, Returned.STRING)
  const booleanOn: XPath['booleanOn'] = (node, variables = noVariables) => run(path, node, variables, Returned.BOOLEAN)
  const numberOn: XPath['numberOn'] = (node, variables = noVariables) =>
    run(firstNumber, node, variables, Returned.NUMBER)
  const evaluateOn: XPath['evaluateOn'] = (node, variables = noVariables) =>
    run(path, node, variables, Returned.ALL_RESULTS)

  const onBody =
    <Result>(on: (node: Node, variables: Variables) => Result) =>
    (exchange: Exchange): Result => {
      if (exchange.body.isEmpty) throw faults.xpathEmptyBody({ expression: source })
      return on(exchange.body.document(), variablesOf(exchange))
    }

  return {
    source,
    string: onBody(stringOn),
    stringOn,
    nodes: onBody(nodesOn),
    nodesOn,
    boolean: onBody(booleanOn),
    booleanOn,
    number: onBody(numberOn),
    numberOn,
    first: onBody((node, variables) => evaluateOn(node, variables)[0]),
    evaluateOn,
  }
}

/** Compiles by running on an empty document: only what is wrong with the expression itself counts. */
function check(source: string, run: (expression: string) => unknown): void {
  try {
    run(source)
  } catch (thrown) {
    const problem = compileProblem(source, thrown)
    if (problem !== undefined) throw problem
  }
}
