import { declareStep } from '../../flow/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** Error end event (iflow-format 5.3): rethrows the error being handled, else raises one of its own. */
export const errorEnd = declareStep({
  type: 'EndErrorEvent',
  label: 'Error End',
  summary: 'Ends the route with an error.',
  answers: ({ tag, event }) => tag === 'endEvent' && event === 'error',
  fields,
  compile(_values, { element, handlesException }) {
    const name = element.name || element.id
    return (_exchange, run) => {
      throw handlesException && run.exception !== undefined ? run.exception.error : faults.errorEnd({ event: name })
    }
  },
})
