import { declareStep } from '../../flow/index.ts'
import { fields } from './fields.ts'

/** Terminate end event (iflow-format 5.3). */
export const terminateEnd = declareStep({
  type: 'TerminateEvent',
  label: 'Terminate End',
  summary: 'Ends the message at once, whichever process it is in.',
  answers: ({ tag, event }) => tag === 'endEvent' && event === 'terminate',
  fields,
  compile: () => () => 'terminated' as const,
})
