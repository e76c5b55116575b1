import { faults } from '../faults.ts'
import { literalAt } from '../literal.ts'
import { type Comparison, type Expression, type FilterFunction, filterFunctions } from './filter-tree.ts'

// Nesting is bounded so that no filter can exhaust the stack.
const deepest = 100
const longest = 20_000

const comparisons = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le'])
const arithmetic = new Set(['add', 'sub', 'mul', 'div', 'mod'])
const truthful = new Set<FilterFunction>(['substringof', 'startswith', 'endswith'])

/**
 * Reads `$filter`. OData v2, section 4.5; arithmetic and the functions on dates and numbers are left out.
 * @throws odata.filterMalformed, odata.filterUnsupported
 */
export function parseFilter(source: string): Expression {
  let at = 0
  let depth = 0

  const fail = (why: string, position = at): never => {
    throw faults.filterMalformed({ why, position: position + 1 })
  }
  const skipSpace = () => {
    while (source[at] === ' ' || source[at] === '\t') at++
  }
  const wordAhead = (): string => {
    skipSpace()
    return /^[A-Za-z_]\w*/.exec(source.slice(at, at + 200))?.[0] ?? ''
  }
  const take = (sign: string) => {
    skipSpace()
    if (source[at] !== sign) fail(`'${sign}' is expected`)
    at++
  }
  const nested = <Result>(read: () => Result): Result => {
    if (++depth > deepest) fail('it is nested too deeply')
    const result = read()
    depth--
    return result
  }

  function chain(word: 'and' | 'or', operand: () => Expression): Expression {
    let left = operand()
    while (wordAhead() === word) {
      at += word.length
      left = { kind: word, left, right: operand() }
    }
    return left
  }
  const disjunction = (): Expression => nested(() => chain('or', () => chain('and', comparison)))

  function comparison(): Expression {
    const left = unary()
    const operator = wordAhead()
    if (arithmetic.has(operator)) throw faults.filterUnsupported({ what: `the operator '${operator}'` })
    if (!comparisons.has(operator)) return left
    at += operator.length
    return simplified(operator as Comparison, left, unary())
  }

  function unary(): Expression {
    if (wordAhead() !== 'not') return primary()
    at += 'not'.length
    return { kind: 'not', of: nested(unary) }
  }

  function primary(): Expression {
    skipSpace()
    if (source[at] === '(') {
      at++
      const inner = disjunction()
      take(')')
      return inner
    }
    const found = literalAt(source, at)
    if (found) {
      at = found.end
      return { kind: 'literal', literal: found.literal }
    }
    const path = /^[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*/.exec(source.slice(at))?.[0]
    if (!path) return fail(at >= source.length ? 'it ends too early' : `'${source[at]}' is not expected`)
    const start = at
    at += path.length
    if (source[at] === "'") return fail(`'${path}' is followed by a value that cannot be read`, start)
    return source[at] === '(' ? call(path, start) : { kind: 'property', path }
  }

  function call(name: string, start: number): Expression {
    if (!Object.hasOwn(filterFunctions, name)) throw faults.filterUnsupported({ what: `the function '${name}'` })
    const known = name as FilterFunction
    at++
    const of = [disjunction()]
    for (skipSpace(); source[at] === ','; skipSpace()) {
      at++
      of.push(disjunction())
    }
    take(')')
    if (of.length !== filterFunctions[known]) fail(`${name} takes ${filterFunctions[known]} arguments`, start)
    return { kind: 'call', name: known, of }
  }

  if (source.length > longest) fail('it is too long', longest)
  const tree = disjunction()
  skipSpace()
  if (at < source.length) fail(`'${source.slice(at, at + 20)}' is not expected`)
  return tree
}

function simplified(operator: Comparison, left: Expression, right: Expression): Expression {
  const truth = (side: Expression) =>
    side.kind === 'literal' && typeof side.literal.value === 'boolean' ? side.literal.value : undefined
  const test = isTest(left) ? left : isTest(right) ? right : undefined
  const value = test && truth(test === left ? right : left)
  if (test === undefined || value === undefined || (operator !== 'eq' && operator !== 'ne')) {
    return { kind: 'compare', operator, left, right }
  }
  return value === (operator === 'eq') ? test : { kind: 'not', of: test }
}

const isTest = (side: Expression): boolean =>
  side.kind === 'and' ||
  side.kind === 'or' ||
  side.kind === 'not' ||
  side.kind === 'compare' ||
  (side.kind === 'call' && truthful.has(side.name))
