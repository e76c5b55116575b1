/** Backups: everything that a tenant is, in one encrypted file, and back into an installation. */
export { createBackup } from './create-backup.ts'
export type { BackupRow, BackupStore } from './ports.ts'
export { type Restored, restoreBackup } from './restore-backup.ts'
