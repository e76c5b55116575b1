import { escapeXml } from '../formats/xml.ts'
import type { Bundle, Process } from './model.ts'
import { parseTable } from './tables.ts'

/**
 * A parameter's value as `parameters.prop` stores it: escaped as XML where the parameter stands in cells of tables
 * and nowhere else. A value used in plain properties too is stored as it is, since those are never unescaped.
 */
export function storedForm(bundle: Bundle, name: string, value: string): string {
  const uses = usesOf(bundle, `{{${name}}}`)
  return uses.inCells && !uses.plain ? escapeXml(value) : value
}

function usesOf(bundle: Bundle, reference: string): { readonly inCells: boolean; readonly plain: boolean } {
  const uses = { inCells: false, plain: false }
  for (const [key, text] of textsOf(bundle)) {
    const rows = parseTable(key, text)
    if (rows === undefined) uses.plain ||= text.includes(reference)
    else uses.inCells ||= rows.some((row) => Object.values(row).some((cell) => cell.includes(reference)))
  }
  return uses
}

/** Every text of the model in which parameters are replaced, with its key. */
function* textsOf({ model }: Bundle): Iterable<readonly [string, string]> {
  if (model === undefined) return
  yield* model.properties
  for (const { properties } of model.participants) yield* properties
  for (const { properties } of model.channels) yield* properties
  for (const process of model.processes) yield* processTexts(process)
}

function* processTexts(process: Process): Iterable<readonly [string, string]> {
  yield* process.properties
  for (const { properties, loop } of process.elements) {
    yield* properties
    if (loop !== undefined) yield ['loopCondition', loop.condition]
  }
  for (const { condition = '' } of process.sequenceFlows) yield ['conditionExpression', condition]
  if (process.exceptionSubprocess !== undefined) yield* processTexts(process.exceptionSubprocess)
}
