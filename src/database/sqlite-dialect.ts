import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely'
import { refuseNul } from './nul.ts'
import type { SqliteFile } from './sqlite-file.ts'

interface Connection extends DatabaseConnection {
  inTransaction: boolean
}

/** Lets one after the other have the connection: a transaction spans turns of the event loop. */
function createQueue(): { enter: () => Promise<void>; leave: () => void } {
  const waiting: (() => void)[] = []
  let taken = false
  return {
    enter: async () => {
      if (taken) await new Promise<void>((resolve) => waiting.push(resolve))
      taken = true
    },
    leave: () => {
      const next = waiting.shift()
      if (next) next()
      else taken = false
    },
  }
}

function createConnection(file: SqliteFile): Connection {
  const connection: Connection = {
    inTransaction: false,
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
      refuseNul(parameters)
      // Inside a transaction the lock is held already; waiting for it there could only be a deadlock.
      const outcome = connection.inTransaction ? file.run(sql, parameters) : await file.runWhenFree(sql, parameters)
      return { rows: outcome.rows as Row[], numAffectedRows: BigInt(outcome.changes) }
    },
    // A large result is read whole: the stores page their queries.
    async *streamQuery<Row>(query: CompiledQuery) {
      yield await connection.executeQuery<Row>(query)
    },
  }
  return connection
}

function createDriver(file: SqliteFile): Driver {
  const queue = createQueue()
  const connection = createConnection(file)
  const close = (end: 'commit' | 'rollback') => async () => {
    file.run(end, [])
    connection.inTransaction = false
  }
  return {
    init: async () => {},
    acquireConnection: async () => {
      await queue.enter()
      return connection
    },
    // A transaction that begins by reading and writes later can fail half-way; one that takes the lock first cannot.
    beginTransaction: async (_connection: DatabaseConnection, settings: TransactionSettings) => {
      await file.runWhenFree(settings.accessMode === 'read only' ? 'begin' : 'begin immediate', [])
      connection.inTransaction = true
    },
    commitTransaction: close('commit'),
    rollbackTransaction: async () => {
      try {
        await close('rollback')()
      } catch {
        // SQLite has rolled back already after an error such as a full disk.
        connection.inTransaction = false
      }
    },
    releaseConnection: async () => queue.leave(),
    destroy: async () => file.close(),
  }
}

/** SQLite through `node:sqlite` for Kysely. */
export const sqliteDialect = (file: SqliteFile): Dialect => ({
  createDriver: () => createDriver(file),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (database) => new SqliteIntrospector(database),
})
