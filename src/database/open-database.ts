import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CamelCasePlugin, Kysely } from 'kysely'
import { faults } from './faults.ts'
import { migrate } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { openSqliteFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'

/** One schema of the installation's database, up to date. */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres'
  /** Name of the PostgreSQL schema; SQLite has a file for each. */
  readonly schema: string
  readonly part: 'control' | 'tenant'
  readonly query: Kysely<Tables>
  readonly close: () => Promise<void>
}

/** Where a schema is: a URL of PostgreSQL, or else files in the data folder. */
export interface DatabasePlace {
  readonly url: string | undefined
  readonly folder: string
  /** `control`, or the id of a tenant. */
  readonly schema: string
}

const tenantId = /^[a-z][a-z0-9_-]{0,39}$/

/** True when a tenant may have this id, which becomes part of a path and of a schema's name. */
export const isTenantId = (id: string): boolean => tenantId.test(id) && id !== 'control'

async function connectSqlite({ folder, schema }: DatabasePlace): Promise<Kysely<Tables>> {
  const home = schema === 'control' ? folder : join(folder, 'tenants', schema)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const file = await openSqliteFile(join(home, schema === 'control' ? 'control.db' : 'tenant.db'))
  return new Kysely<Tables>({ dialect: sqliteDialect(file), plugins: [new CamelCasePlugin()] })
}

/**
 * Opens a schema and brings it up to date, making it where there is none. Another process may have it open too.
 * @throws database.urlInvalid, database.tenantInvalid, database.newer, database.migrationChanged, database.busy,
 * database.unavailable
 */
export async function openDatabase(place: DatabasePlace, steps: readonly Migration[] = migrations): Promise<Database> {
  const { url, schema } = place
  if (schema !== 'control' && !isTenantId(schema)) throw faults.tenantInvalid({ tenant: schema })
  if (url !== undefined && !/^postgres(ql)?:\/\//.test(url)) throw faults.urlInvalid()
  const name = schema === 'control' ? 'sluice_control' : `tenant_${schema}`
  const query =
    url === undefined
      ? await connectSqlite(place)
      : new Kysely<Tables>({ dialect: postgresDialect(url, name), plugins: [new CamelCasePlugin()] })
  const database: Database = {
    dialect: url === undefined ? 'sqlite' : 'postgres',
    schema: name,
    part: schema === 'control' ? 'control' : 'tenant',
    query,
    close: () => query.destroy(),
  }
  try {
    await migrate(database, steps)
  } catch (thrown) {
    await database.close()
    throw thrown
  }
  return database
}
