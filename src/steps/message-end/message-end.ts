import { declareStep } from '../../flow/index.ts'
import { fields } from './fields.ts'

/** Message end event (iflow-format 5.3): an answer of its receiver becomes the answer to the sender. */
export const messageEnd = declareStep({
  type: 'MessageEndEvent',
  label: 'Message End',
  summary: 'Ends the route, after a call of the receiver where the event has one.',
  answers: ({ tag, event }) => tag === 'endEvent' && event === 'message',
  fields,
  compile(_values, context) {
    const hasReceiver = context.bundle.model?.channels.some(({ source }) => source === context.element.id) ?? false
    if (!hasReceiver) return () => undefined
    const outlet = context.outlet()
    return (exchange, run) => outlet.send(exchange, run)
  },
})
