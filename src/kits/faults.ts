import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('kits', {
  passwordMissing: {
    kind: 'invalid',
    message: (d: { key: string }) => `The kit of '${d.key}' has a private key, and no password to protect it with.`,
    remedy: 'Give a password of 8 to 128 printable ASCII characters.',
  },
})
