import type { Clock } from '../base/index.ts'
import { createSealer, type Sealer } from '../keystore/index.ts'
import { encrypt, newBackupKeys } from './encrypted-file.ts'
import type { BackupRow, BackupStore } from './ports.ts'
import { resealRow } from './reseal-row.ts'
import { writeFrames } from './row-frames.ts'

/** Sealed values in a backup belong to no tenant: it may be restored into another. */
export const backupTenant = 'backup'

/**
 * Everything that a tenant is: registry, keystore, secrets, design time, deployments, variables. Logs are not in it. The
 * bytes of an encrypted file, made as they are asked for.
 * @throws backup.passphraseUnfit, backup.sealBroken
 */
export async function* createBackup(given: {
  readonly store: BackupStore
  readonly sealer: Sealer
  readonly passphrase: string
  readonly clock: Clock
}): AsyncGenerator<Buffer, void, undefined> {
  const { store, sealer, passphrase, clock } = given
  const { head, keys } = await newBackupKeys(passphrase)
  const ofBackup = createSealer({ key: keys.seal, tenant: backupTenant })
  async function* rows(): AsyncGenerator<BackupRow, void, undefined> {
    for await (const row of store.rows()) yield resealRow(row, sealer, ofBackup)
  }
  yield* encrypt(writeFrames({ schema: await store.schema(), created: clock.now() }, rows()), { head, keys })
}
