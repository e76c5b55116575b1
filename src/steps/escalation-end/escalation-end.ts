import { declareStep } from '../../flow/index.ts'
import { fields } from './fields.ts'

/** Property set when an exception subprocess escalates: then callers of a local process end as well. */
export const escalatedWhileHandling = 'SluiceEscalatedWhileHandling'

/** Escalation end event (iflow-format 5.3). */
export const escalationEnd = declareStep({
  type: 'EscalationEndEvent',
  label: 'Escalation End',
  summary: 'Ends the route and marks the message as escalated.',
  answers: ({ tag, event }) => tag === 'endEvent' && event === 'escalation',
  fields,
  compile({ ErrorCode }, { handlesException }) {
    return (exchange, run) => {
      run.log.property('EscalationErrorCode', ErrorCode)
      if (handlesException) exchange.properties.set(escalatedWhileHandling, ErrorCode)
      return 'escalated'
    }
  },
})
