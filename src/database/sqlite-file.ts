import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { faults } from './faults.ts'

/** What SQLite gives back for a statement. */
export interface Outcome {
  readonly rows: Record<string, unknown>[]
  readonly changes: number
}

/** One connection to a SQLite file. */
export interface SqliteFile {
  /** Runs a statement at once. @throws database.referenceMissing, database.duplicate, database.full */
  readonly run: (sql: string, parameters: readonly unknown[]) => Outcome
  /** Runs a statement that may find the file locked by another process, waiting without blocking. @throws database.busy */
  readonly runWhenFree: (sql: string, parameters: readonly unknown[]) => Promise<Outcome>
  readonly close: () => void
}

const busySeconds = 15
const cachedStatements = 256

// Primary result codes and extended ones of https://sqlite.org/rescode.html
const busy = 5
const full = 13
const foreignKey = 787
const unique = new Set([1555, 2067])

const resultCode = (thrown: unknown): number =>
  thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode : 0

const isBusy = (thrown: unknown): boolean => (resultCode(thrown) & 0xff) === busy

function translate(thrown: unknown): unknown {
  const code = resultCode(thrown)
  if (code === foreignKey) return faults.referenceMissing({}, { cause: thrown })
  if (unique.has(code)) return faults.duplicate({}, { cause: thrown })
  if ((code & 0xff) === full) return faults.full({}, { cause: thrown })
  return thrown
}

/** Keeps what was prepared, the least recently used first in line to go. */
function statementCache(database: DatabaseSync): (sql: string) => { statement: StatementSync; reads: boolean } {
  const cache = new Map<string, { statement: StatementSync; reads: boolean }>()
  return (sql) => {
    const known = cache.get(sql)
    if (known) {
      cache.delete(sql)
      cache.set(sql, known)
      return known
    }
    const statement = database.prepare(sql)
    const prepared = { statement, reads: statement.columns().length > 0 }
    cache.set(sql, prepared)
    const oldest = cache.keys().next().value
    if (cache.size > cachedStatements && oldest !== undefined) cache.delete(oldest)
    return prepared
  }
}

/** Opens the file in WAL mode with full durability, making it where there is none. @throws database.busy */
export async function openSqliteFile(path: string): Promise<SqliteFile> {
  // SQLite's own waiting would block the thread, so it is off: `runWhenFree` waits instead.
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
  const prepared = statementCache(database)

  function run(sql: string, parameters: readonly unknown[]): Outcome {
    try {
      const { statement, reads } = prepared(sql)
      const values = parameters as readonly SQLInputValue[]
      if (reads) return { rows: statement.all(...values), changes: 0 }
      return { rows: [], changes: Number(statement.run(...values).changes) }
    } catch (thrown) {
      throw translate(thrown)
    }
  }

  async function runWhenFree(sql: string, parameters: readonly unknown[]): Promise<Outcome> {
    const deadline = performance.now() + busySeconds * 1000
    for (let attempt = 0; ; attempt++) {
      try {
        return run(sql, parameters)
      } catch (thrown) {
        if (!isBusy(thrown)) throw thrown
        if (performance.now() > deadline) throw faults.busy({ seconds: busySeconds }, { cause: thrown })
        // Short and uneven pauses find the gap between two transactions of a writer that hardly pauses.
        await sleep(attempt < 20 ? 1 : 1 + Math.random() * 4)
      }
    }
  }

  try {
    await runWhenFree('pragma journal_mode = wal', [])
    run('pragma synchronous = full', [])
    // A large transaction leaves a large write-ahead log; it is cut back to this many bytes after a checkpoint.
    run('pragma journal_size_limit = 16777216', [])
  } catch (thrown) {
    database.close()
    throw thrown
  }
  return { run, runWhenFree, close: () => database.close() }
}
