import type { RotationProgress, SealReport } from '../keystore/index.ts'

/** What an administrator does with the keys that seal all others, and with everything that they seal. */
export interface Vault {
  /** Gives the tenant a new key and seals everything under it. What is left when it ends goes on by itself. */
  readonly rotateTenantKey: () => Promise<RotationProgress>
  readonly rotateMasterKey: () => Promise<void>
  /** Opens every sealed value once. */
  readonly verify: () => Promise<SealReport>
  /** An encrypted file with everything but logs. */
  readonly backup: (passphrase: string) => Promise<Buffer>
  /** All of a backup or nothing; a tenant that is in use is replaced only by its name. */
  readonly restore: (given: {
    readonly file: Uint8Array
    readonly passphrase: string
    readonly replace?: string
  }) => Promise<{ readonly created: number; readonly rows: number }>
}
