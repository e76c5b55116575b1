import { createSealer, type Sealer } from '../keystore/index.ts'
import { createByteReader } from './byte-reader.ts'
import { backupTenant } from './create-backup.ts'
import { decrypt, readHead } from './encrypted-file.ts'
import { faults } from './faults.ts'
import type { BackupRow, BackupStore } from './ports.ts'
import { resealRow } from './reseal-row.ts'
import { readContentHead, readRows } from './row-frames.ts'

/** What a restore has written. */
export interface Restored {
  /** When the backup was made, in milliseconds since 1970. */
  readonly created: number
  readonly rows: number
}

/**
 * Puts a backup into a tenant, all of it or nothing. A tenant that is in use is refused unless `replace` is its name.
 * @throws backup.notBackup, passphraseWrong, damaged, otherVersion, notEmpty
 */
export async function restoreBackup(given: {
  readonly store: BackupStore
  readonly sealer: Sealer
  readonly passphrase: string
  readonly tenant: string
  readonly file: AsyncIterable<Uint8Array>
  readonly replace?: string
}): Promise<Restored> {
  const { store, sealer, passphrase, tenant, file, replace } = given
  const bytes = createByteReader(file)
  const { head, keys } = await readHead(bytes, passphrase)
  const content = createByteReader(decrypt(bytes, { head, keys }))
  const { schema, created } = await readContentHead(content)
  const here = await store.schema()
  if (schema !== here) throw faults.otherVersion({ backup: schema, here })
  const ofBackup = createSealer({ key: keys.seal, tenant: backupTenant })
  let count = 0
  async function* rows(): AsyncGenerator<BackupRow, void, undefined> {
    for await (const row of readRows(content)) {
      count++
      yield resealRow(row, ofBackup, sealer)
    }
  }
  if (!(await store.restore(rows(), replace === tenant))) throw faults.notEmpty({ tenant })
  return { created, rows: count }
}
