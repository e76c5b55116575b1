import { declareStep } from '../../flow/index.ts'
import { compileTemplate, textOf } from '../../languages/index.ts'
import { compileRowValue } from '../row-value.ts'
import { fields } from './fields.ts'

/** Write Variables (iflow-format 7, Variables). */
export const writeVariables = declareStep({
  type: 'Variables',
  label: 'Write Variables',
  summary: 'Keeps values beyond the message, for this flow or for the tenant.',
  answers: ({ activity }) => activity === 'Variables',
  fields,
  compile({ variable }, { flow }) {
    const writes = variable.map((row) => ({
      name: compileTemplate(row['0']),
      scope: row['4'],
      value: compileRowValue(
        { name: row['0'], source: row['2'], value: row['3'], datatype: row['1'], fallback: '' },
        flow,
      ),
    }))
    return async (exchange, run) => {
      for (const { name, scope, value } of writes) {
        const text = textOf(await value(exchange, run))
        await run.services.variables.write(name.text(exchange, run), scope, flow.id, text)
      }
    }
  },
})
