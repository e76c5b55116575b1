import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('app', {
  bundleUnsigned: {
    kind: 'denied',
    message: ({ artifact }: { artifact: string }) => `'${artifact}' is not signed`,
    remedy:
      'Sign the bundle (sluice sign), or ask an administrator about the policy of the tenant: it has require-signature.',
  },
  bundleSignatureWrong: {
    kind: 'denied',
    message: ({ artifact, why }: { artifact: string; why: string }) =>
      `the signature of '${artifact}' does not count: ${why}`,
    remedy: 'Take the bundle from its publisher again; `sluice check --publisher` shows what its signature says.',
  },
  questionUnusable: {
    kind: 'invalid',
    message: (d: { why: string }) => d.why,
    remedy: 'Give the address, and the credentials as a client would send them.',
  },
  tenantSilent: {
    kind: 'unavailable',
    message: () => 'The process of the tenant does not answer, so nobody can say what it would do.',
    remedy: 'Wait until it has started again; /healthz shows its state.',
  },
  keysNotTaken: {
    kind: 'unavailable',
    message: () => 'The process of the tenant did not take over its keys, so the rotation waits.',
    remedy: 'It goes on by itself once the tenant works; /healthz shows its state.',
  },
  vaultBusy: {
    kind: 'conflict',
    message: () => 'Keys are being rotated or verified, or a backup is made or restored, right now.',
    remedy: 'Try again when that has ended.',
  },
  nextMasterKeyUnknown: {
    kind: 'conflict',
    message: () => 'The master key comes from a command, and nothing says where the next one comes from.',
    remedy: 'Set SLUICE_MASTER_KEY_NEXT_COMMAND, restart, and rotate again.',
  },
})
