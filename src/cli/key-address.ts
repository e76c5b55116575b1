import { choice } from '../fields/index.ts'
import { hexAliasOf } from '../keystore/index.ts'
import type { Entity } from './api/entity.ts'
import { entity } from './api/odata-address.ts'

/** The keystores by the words of the command line. */
export const keystoreNames = {
  current: 'system',
  backup: 'backup_admin_system',
  new: 'KeyRenewal',
  history: 'KeyHistory',
} as const

export const keystoreFlag = choice({
  label: 'keystore',
  help: 'current, backup, new (keys of the system not yet active) or history (those that were replaced).',
  options: { current: 'Current', backup: 'Backup', new: 'New', history: 'History' },
  default: 'current',
})

/** The address of an entry, or of what is below it. */
export const entryAddress = (alias: string): string => entity`KeystoreEntries(${hexAliasOf(alias)})`

/** The outcomes in the answer to a change. */
export function outcomesOf(answer: string): readonly Entity[] {
  if (answer === '') return []
  const { d } = JSON.parse(answer) as { readonly d?: { readonly results?: readonly Entity[] } }
  return d?.results ?? []
}

export const outcomeColumns = [
  { property: 'Alias', title: 'Alias' },
  { property: 'Status', title: 'Done' },
  { property: 'Type', title: 'Type' },
  { property: 'FingerprintSha256', title: 'SHA-256' },
] as const
