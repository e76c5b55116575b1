import type { View } from '../records/contracts.ts'
import type { EntryType, KeystoreName } from './contracts.ts'

/** The kind of record that the entries of each keystore are. */
export const kinds = {
  system: 'entry',
  backup_admin_system: 'backup',
  KeyRenewal: 'renewal',
  KeyHistory: 'history',
} as const satisfies Readonly<Record<KeystoreName, string>>

export type EntryKind = (typeof kinds)[KeystoreName]

/** An entry as it is stored. */
export interface EntryRecord {
  readonly alias: string
  readonly type: EntryType
  /** PEM, leaf first. */
  readonly chain: string
  /** PKCS#8 DER under the seal of the tenant. */
  readonly sealedKey?: string
  /** What the seal is bound to, where that is not `contextOf`: entries of the first release have their own. */
  readonly sealContext?: string
  readonly owner: 'system' | 'tenant'
  readonly createdBy: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly modifiedBy: string
  readonly modifiedAt: number
  /** In the history: the alias that the entry had when it was in use. */
  readonly formerAlias?: string
}

/** When the backup was made: a backup of nothing is one, too. */
export interface BackupRecord {
  readonly id: 'backup'
  readonly at: number
  readonly by: string
}

export interface KeystoreRecords {
  entry: EntryRecord
  backup: EntryRecord
  renewal: EntryRecord
  history: EntryRecord
  note: BackupRecord
}

const aliasOf = ({ alias }: EntryRecord): string => alias

export const ids = {
  entry: aliasOf,
  backup: aliasOf,
  renewal: aliasOf,
  history: aliasOf,
  note: ({ id }: BackupRecord): string => id,
}

/** Place and alias are bound into the seal (the tenant is by the sealer): a key moved to another row does not open. */
export const contextOf = (kind: EntryKind, alias: string): string => JSON.stringify(['keystore', kind, alias])

/** What the entries of the tenant take of the space for the keystore. */
export function bytesOf(view: View<KeystoreRecords>): number {
  let bytes = 0
  for (const { owner, alias, chain, sealedKey = '' } of view.of('entry').values())
    if (owner === 'tenant') bytes += alias.length + chain.length + sealedKey.length
  return bytes
}
