import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('audit', {
  notRecorded: {
    kind: 'unavailable',
    message: () => 'The audit log could not be written.',
    remedy: 'Check that the database answers and that its disk is not full, and repeat what you did.',
  },
  chainBroken: {
    kind: 'conflict',
    message: (d: { seq: number; what: string }) =>
      `The part of the audit log that is no longer to be kept was tampered with, at ${d.seq}: ${d.what}.`,
    remedy: 'Look into it with `sluice audit verify`, export the log, and only then delete this part all the same.',
  },
  full: {
    kind: 'exhausted',
    message: () => 'The audit log has no numbers left: an event with the highest number was inserted.',
    remedy: 'Look into it with `sluice audit verify`; restore the database from its backup.',
  },
})
