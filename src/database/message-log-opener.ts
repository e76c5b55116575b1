import type { OpenMessageLog } from '../monitor/index.ts'
import { createMessageLogStore } from './message-log-store.ts'
import { type DatabasePlace, openDatabase } from './open-database.ts'

/** Opens the message log alone, on a connection of its own; for the thread that reads the journal. */
export const openMessageLog: OpenMessageLog<DatabasePlace> = async (place) => {
  const database = await openDatabase(place)
  return { store: createMessageLogStore(database), close: database.close }
}
