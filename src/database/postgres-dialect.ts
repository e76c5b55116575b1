import { type Dialect, PostgresDialect, type PostgresPoolClient } from 'kysely'
import { DatabaseError, Pool, types } from 'pg'
import { faults } from './faults.ts'
import { refuseNul } from './nul.ts'

const connections = 4

// Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html
const passing = /^(08|53[13]|57P|40001|40P01|55P03)/

function translate(thrown: unknown): unknown {
  if (thrown instanceof DatabaseError) {
    const state = thrown.code ?? ''
    if (state === '23503') return faults.referenceMissing({}, { cause: thrown })
    if (state === '23505') return faults.duplicate({}, { cause: thrown })
    if (state === '53100') return faults.full({}, { cause: thrown })
    return passing.test(state) ? faults.unavailable({}, { cause: thrown }) : thrown
  }
  // What is no answer of the server is a broken connection: `ECONNREFUSED`, `Connection terminated`, a time-out.
  return thrown instanceof TypeError ? thrown : faults.unavailable({}, { cause: thrown })
}

/** The same client with its failures told as faults. */
function withFaults(client: PostgresPoolClient): PostgresPoolClient {
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[]) => {
      refuseNul(parameters)
      try {
        return await client.query<Row>(sql, parameters)
      } catch (thrown) {
        throw translate(thrown)
      }
    },
    release: (destroy?: boolean) => client.release(destroy),
  } as PostgresPoolClient
}

/** PostgreSQL through `pg` for Kysely, every connection bound to one schema. */
export function postgresDialect(url: string, schema: string): Dialect {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'sluice',
    // Counts and times fit into a number; `pg` would give 64-bit integers as text.
    types: {
      getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
    },
  })
  // An idle connection that the server ends is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})

  // Kysely knows a connection again by the object, so each client keeps its wrapping.
  const bound = new WeakMap<object, PostgresPoolClient>()

  async function connect(): Promise<PostgresPoolClient> {
    const client = await pool.connect().catch((thrown: unknown) => {
      throw translate(thrown)
    })
    const known = bound.get(client)
    if (known) return known
    const fresh = withFaults(client)
    try {
      await fresh.query(`set search_path to "${schema}"`, [])
    } catch (thrown) {
      client.release(true)
      throw thrown
    }
    bound.set(client, fresh)
    return fresh
  }

  return new PostgresDialect({ pool: { options: {}, connect, end: () => pool.end() } })
}
