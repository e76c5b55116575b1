import { Fault } from '../base/index.ts'
import type { FlowFacts, Run } from '../flow/index.ts'
import { compileCondition, compileTemplate, compileXPath, type Condition } from '../languages/index.ts'
import type { Exchange, Value } from '../message/index.ts'
import { convert, datatypeOf } from './convert.ts'
import { faults } from './faults.ts'

/** Where the value of a row comes from, as bundles write it. */
export type Source =
  | 'constant'
  | 'external parameter'
  | 'expression'
  | 'header'
  | 'property'
  | 'xpath'
  | 'persisted variables'
  | 'global persisted variables'

export interface Row {
  readonly name: string
  readonly source: Source
  readonly value: string
  readonly datatype: string
  /** Used where a variable does not exist. */
  readonly fallback: string
}

/** The value of a row for one message; a promise only where a variable must be read. */
export type RowValue = (exchange: Exchange, run: Run) => Value | Promise<Value>

/**
 * Compiles the source of a row of a content modifier or of Write Variables (iflow-format 7, Enricher and Variables).
 * @throws the faults of the languages for an expression that cannot be read
 */
export const compileRowValue = (row: Row, flow: FlowFacts): RowValue => compilers[row.source](row, flow)

const compilers: Readonly<Record<Source, (row: Row, flow: FlowFacts) => RowValue>> = {
  constant: compileConstant,
  'external parameter': compileConstant,
  expression: compileExpression,
  header: (row) => {
    const name = compileTemplate(row.value)
    return typed(row, (exchange, run) => exchange.headers.get(name.text(exchange, run)))
  },
  property: (row) => {
    const name = compileTemplate(row.value)
    return typed(row, (exchange, run) => exchange.properties.get(name.text(exchange, run)))
  },
  xpath: compileXPathRow,
  'persisted variables': (row) => variable(row, 'local'),
  'global persisted variables': (row) => variable(row, 'global'),
}

function typed({ name, datatype }: Row, read: (exchange: Exchange, run: Run) => Value): RowValue {
  const type = datatypeOf(datatype)
  return (exchange, run) => convert(read(exchange, run), type, name)
}

function compileConstant({ name, datatype, value }: Row): RowValue {
  const constant = convert(value, datatypeOf(datatype), name)
  return () => constant
}

/** A Boolean row may hold a condition, which is a text of its own as long as nobody asks for a Boolean. */
function compileExpression(row: Row): RowValue {
  const condition = datatypeOf(row.datatype) === 'boolean' ? conditionIn(row.value) : undefined
  if (condition !== undefined) return (exchange, run) => condition.test(exchange, run)
  const template = compileTemplate(row.value)
  return typed(row, (exchange, run) => template.value(exchange, run))
}

function conditionIn(source: string): Condition | undefined {
  try {
    const condition = compileCondition(source)
    return condition.compares ? condition : undefined
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}

function compileXPathRow({ value, datatype, name }: Row, flow: FlowFacts): RowValue {
  const xpath = compileXPath(value, flow.namespaces)
  const type = datatypeOf(datatype)
  if (type === 'node') return (exchange) => xpath.first(exchange)
  if (type === 'nodes') return (exchange) => xpath.nodes(exchange)
  if (type === 'boolean') return (exchange) => xpath.boolean(exchange)
  return (exchange) => convert(xpath.string(exchange), type, name)
}

function variable({ name, value, datatype, fallback }: Row, scope: 'local' | 'global'): RowValue {
  const variableName = compileTemplate(value)
  const type = datatypeOf(datatype)
  return async (exchange, run) => {
    const asked = variableName.text(exchange, run)
    const found =
      (await run.services.variables.read(asked, scope, run.flow.id)) ?? (fallback === '' ? undefined : fallback)
    if (found === undefined) throw faults.variableMissing({ variable: asked, scope })
    return convert(found, type, name)
  }
}
