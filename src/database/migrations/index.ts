/** Every step from an empty schema to today's. Steps are only ever added, at the end; a released one never changes. */
import { customHeaders } from './0002-custom-headers.ts'
import { registry } from './0003-registry.ts'
import { audit } from './0004-audit.ts'
import { vault } from './0005-vault.ts'
import { authorization } from './0006-authorization.ts'
import { start } from './0001-start.ts'
import type { Migration } from './migration.ts'

export type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = [start, customHeaders, registry, audit, vault, authorization]
