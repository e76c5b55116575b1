import { declareStep } from '../../flow/index.ts'
import { fields } from './fields.ts'

/** Request Reply (iflow-format 7, ExternalCall); tasks of old models that name no activity are the same. */
export const requestReply = declareStep({
  type: 'ExternalCall',
  label: 'Request Reply',
  summary: 'Calls a receiver and goes on with its answer.',
  answers: ({ tag, activity }) => tag === 'serviceTask' && (activity === 'ExternalCall' || activity === ''),
  fields,
  compile(_values, context) {
    const outlet = context.outlet()
    return (exchange, run) => outlet.send(exchange, run)
  },
})
