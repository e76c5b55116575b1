import { declareStep } from '../../flow/index.ts'
import { fields } from './fields.ts'

/** End event without a definition (iflow-format 5.3). */
export const end = declareStep({
  type: 'EndEvent',
  label: 'End',
  summary: 'Ends the route; a local process returns to its caller.',
  answers: ({ tag, event }) => tag === 'endEvent' && event === undefined,
  fields,
  compile: () => () => undefined,
})
