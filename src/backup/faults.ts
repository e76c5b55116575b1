import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('backup', {
  passphraseUnfit: {
    kind: 'invalid',
    message: (d: { least: number; most: number }) =>
      `The passphrase of a backup has ${d.least} to ${d.most} characters.`,
    remedy: 'Choose a longer passphrase, such as six random words, and keep it apart from the backup.',
  },
  passphraseWrong: {
    kind: 'denied',
    message: () => 'The passphrase does not open this backup, or its beginning was changed.',
    remedy: 'Give the passphrase with which the backup was made; nothing was written.',
  },
  notBackup: {
    kind: 'invalid',
    message: (d: { why: string }) => `This is not a backup that can be read: ${d.why}.`,
    remedy: 'Give a file that `sluice backup` wrote, with the same or a newer version of Sluice; nothing was written.',
  },
  damaged: {
    kind: 'invalid',
    message: (d: { why: string }) => `The backup is damaged: ${d.why}.`,
    remedy: 'Take another copy of the backup; nothing was written.',
  },
  otherVersion: {
    kind: 'conflict',
    message: (d: { backup: string; here: string }) =>
      `The backup was made at '${d.backup}' of the database's schema, and this installation is at '${d.here}'.`,
    remedy: 'Restore it with the version of Sluice that made it, and install the newer version after that.',
  },
  notEmpty: {
    kind: 'conflict',
    message: (d: { tenant: string }) => `The tenant '${d.tenant}' is in use: a restore would replace what it holds.`,
    remedy: 'Restore into a new installation, or name the tenant that is to be replaced.',
  },
  sealBroken: {
    kind: 'denied',
    message: (d: { store: string; id: string }) => `The sealed value of '${d.id}' in '${d.store}' cannot be opened.`,
    remedy: 'Run `sluice keys verify`; enter the secrets that it names again or remove them, then repeat the backup.',
  },
})
