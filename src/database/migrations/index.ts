/** Every step from an empty schema to today's. Steps are only ever added, at the end; a released one never changes. */
import { customHeaders } from './0002-custom-headers.ts'
import { start } from './0001-start.ts'
import type { Migration } from './migration.ts'

export type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = [start, customHeaders]
