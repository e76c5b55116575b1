import { declareReceiver } from '../../flow/index.ts'
import { compileTemplate } from '../../languages/index.ts'
import { faults } from './faults.ts'
import { fields } from './receiver-fields.ts'

/** ProcessDirect receiver (iflow-format 8.4): a called flow that handled its own error lets the caller go on (5.4). */
export const processDirectReceiver = declareReceiver({
  type: 'ProcessDirect',
  label: 'ProcessDirect',
  summary: 'Calls another flow of the tenant and goes on with its answer.',
  answers: ({ adapter, direction }) => adapter === 'ProcessDirect' && direction === 'Receiver',
  fields,
  open(values, { services }) {
    const template = compileTemplate(values.address)
    return {
      async send(exchange, run) {
        const address = template.text(exchange, run).trim()
        if (address === '') throw faults.addressEmpty()
        const ended = await services.processDirect.call(address, exchange, run)
        if (ended === 'escalated') throw faults.escalated({ address })
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
})
