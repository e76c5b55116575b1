import { declareStep } from '../../flow/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** Send (iflow-format 7, Send). */
export const send = declareStep({
  type: 'Send',
  label: 'Send',
  summary: 'Hands a copy of the message to a receiver and goes on with the message unchanged.',
  answers: ({ tag, activity }) => tag === 'serviceTask' && activity === 'Send',
  fields,
  compile(_values, context) {
    const channel = context.bundle.model?.channels.find(({ source }) => source === context.element.id)
    if (channel?.adapter === 'ProcessDirect') throw faults.sendToProcessDirect()
    const outlet = context.outlet()
    return (exchange, run) => outlet.send(exchange.copy(), run)
  },
})
