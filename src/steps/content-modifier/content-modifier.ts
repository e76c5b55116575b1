import type { Values } from '../../fields/index.ts'
import { declareStep, type FlowFacts, type Run, type Work } from '../../flow/index.ts'
import { compileTemplate } from '../../languages/index.ts'
import { Body, type Exchange, type Value } from '../../message/index.ts'
import { type NamePattern, readNamePattern } from '../name-pattern.ts'
import { compileRowValue } from '../row-value.ts'
import { fields } from './fields.ts'

/** One write to the message; a promise only where a variable must be read first. */
type Action = (exchange: Exchange, run: Run) => void | Promise<void>
type TableRow = Values<typeof fields>['headerTable'][number]
type Place = 'headers' | 'properties'

/** Content Modifier (iflow-format 7, Enricher): headers, then properties, then the body, each write seen by the next. */
export const contentModifier = declareStep({
  type: 'Enricher',
  label: 'Content Modifier',
  summary: 'Sets and deletes headers and properties, and replaces the body.',
  answers: ({ activity }) => activity === 'Enricher',
  fields,
  compile({ headerTable, propertyTable, bodyType, wrapContent }, { flow }) {
    const actions = [
      ...headerTable.map((row) => compileRow(row, 'headers', flow)),
      ...propertyTable.map((row) => compileRow(row, 'properties', flow)),
    ]
    if (wrapContent !== '') actions.push(compileBody(wrapContent, bodyType))
    return inOrder(actions)
  },
})

/** Runs the actions one after the other, without a promise as long as none of them needs one. */
function inOrder(actions: readonly Action[]): Work {
  const from = (first: number, exchange: Exchange, run: Run): void | Promise<void> => {
    for (let index = first; index < actions.length; index++) {
      const waiting = actions[index]?.(exchange, run)
      if (waiting) return waiting.then(() => from(index + 1, exchange, run))
    }
  }
  return (exchange, run) => from(0, exchange, run)
}

function compileBody(source: string, type: 'expression' | 'constant'): Action {
  if (type === 'constant') {
    const body = Body.ofText(source)
    return (exchange) => {
      exchange.body = body
    }
  }
  const template = compileTemplate(source)
  if (template.isBody) return () => {}
  return (exchange, run) => {
    exchange.body = Body.of(template.value(exchange, run))
  }
}

function compileRow(row: TableRow, place: Place, flow: FlowFacts): Action {
  if (row.Action === 'Delete') return deletion(readNamePattern(row.Name), place)
  const value = compileRowValue(
    { name: row.Name, source: row.Type, value: row.Value, datatype: row.Datatype, fallback: row.Default },
    flow,
  )
  const name = compileTemplate(row.Name)
  return (exchange, run) => {
    const found = value(exchange, run)
    if (found instanceof Promise) return found.then((late) => write(exchange[place], name.text(exchange, run), late))
    return write(exchange[place], name.text(exchange, run), found)
  }
}

/** What has no value is removed, as the original does with `${null}`. */
function write(target: Exchange[Place], name: string, value: Value): void {
  if (value === undefined || value === null) target.delete(name)
  else target.set(name, value)
}

function deletion(pattern: NamePattern, place: Place): Action {
  if ('exact' in pattern) return (exchange) => void exchange[place].delete(pattern.exact)
  return (exchange) => {
    for (const [name] of exchange[place]) if (pattern.matches(name)) exchange[place].delete(name)
  }
}
