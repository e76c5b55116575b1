import { declareFaults } from '../../base/index.ts'

export const faults = declareFaults('processDirect', {
  addressEmpty: {
    kind: 'failed',
    message: () => 'The ProcessDirect address is empty for this message.',
    remedy: 'Look at the header or property the address is made of; a trace shows both.',
  },
  escalated: {
    kind: 'failed',
    message: (d: { address: string }) => `The flow at ProcessDirect://${d.address} ended with an escalation.`,
    remedy: 'Look at the message of the called flow in the monitor.',
  },
})
