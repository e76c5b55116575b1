import { sql } from 'kysely'
import type { OpenMessageLog } from '../monitor/index.ts'
import { createMessageLogStore } from './message-log-store.ts'
import { type DatabasePlace, openDatabase } from './open-database.ts'

/** Opens the message log alone, on a connection of its own; for the thread that reads the journal. */
export const openMessageLog: OpenMessageLog<DatabasePlace> = async (place) => {
  const database = await openDatabase(place)
  // For each statement SQLite keeps what it changes until it is done, in a file, for one that fails half-way: that took
  // a quarter of the time of this thread. A statement of 64 messages fits in memory.
  if (database.dialect === 'sqlite') await sql`pragma temp_store = memory`.execute(database.query)
  return { store: createMessageLogStore(database), close: database.close }
}
