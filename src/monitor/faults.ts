import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('monitor', {
  journalFull: {
    kind: 'exhausted',
    message: () => 'The disk of the message journal is full.',
    remedy: 'Free space on the disk of the data folder; the message can be sent again afterwards.',
  },
  journalFailed: {
    kind: 'unavailable',
    message: () => 'The message journal cannot be written.',
    remedy: 'Check the disk of the data folder and its permissions; the log of the process says what failed.',
  },
  journalInUse: {
    kind: 'conflict',
    message: (d: { folder: string }) => `Another process writes the journal in ${d.folder}.`,
    remedy: 'End the other process of this tenant, or wait until it is gone.',
  },
  eventTooLarge: {
    kind: 'exhausted',
    message: (d: { megabytes: number }) => `The log entry of the message is larger than ${d.megabytes} MB.`,
    remedy: 'Attach less to the message, or lower its log level.',
  },
})
