import { declareSender } from '../../flow/index.ts'
import { fields } from './sender-fields.ts'

/** ProcessDirect sender (iflow-format 8.3). */
export const processDirectSender = declareSender({
  type: 'ProcessDirect',
  label: 'ProcessDirect',
  summary: 'Lets other flows of the tenant call this one.',
  answers: (source) => 'adapter' in source && source.adapter === 'ProcessDirect' && source.direction === 'Sender',
  fields,
  listen({ address }, { claims, deliver, flow }) {
    claims.processDirect({ address: address.trim(), flowId: flow.id, allowedHeaders: flow.allowedHeaders, deliver })
  },
})
