import { type Database, type DatabasePlace, openDatabase } from '../../src/database/index.ts'
import { startPostgres } from '../kit/postgres.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

/** A kind of database with a place for any number of schemas; everything is closed by `stop`. */
export interface Backend {
  /** Where a schema is; without a name, one that nobody used before. */
  readonly place: (schema?: string) => DatabasePlace
  readonly open: (schema?: string) => Promise<Database>
  readonly stop: () => Promise<void>
}

async function createBackend(url: string | undefined, stopServer: () => Promise<void>): Promise<Backend> {
  const folder = temporaryFolder('contracts')
  const opened: Database[] = []
  let last = 0
  const place = (schema = `t${++last}`): DatabasePlace => ({ url, folder, schema })
  return {
    place,
    open: async (schema) => {
      const database = await openDatabase(place(schema))
      opened.push(database)
      return database
    },
    stop: async () => {
      for (const database of opened) await database.close()
      await stopServer()
    },
  }
}

/** The databases that every store must work on. */
export const backends: Readonly<Record<string, () => Promise<Backend>>> = {
  SQLite: () => createBackend(undefined, async () => {}),
  PostgreSQL: async () => {
    const server = await startPostgres()
    return createBackend(server.url, server.stop)
  },
}
