import type { ScheduleStore } from '../runtime/index.ts'
import type { Database } from './open-database.ts'
import { changed } from './outcome.ts'

/** Claims of ticks in the database of a tenant: the first insert wins. */
export const createScheduleStore = ({ query }: Database): ScheduleStore => ({
  claim: async (key, tick, node) =>
    changed(
      await query
        .insertInto('scheduleClaim')
        .values({ key, tick, node })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    ),
  // The last claim of each schedule stays: a run-once schedule claims by generation, a number that is always "old".
  expire: async (before) => {
    await query
      .deleteFrom('scheduleClaim')
      .where('tick', '<', before)
      .where((row) =>
        row.exists(
          row
            .selectFrom('scheduleClaim as later')
            .select('later.tick')
            .whereRef('later.key', '=', 'scheduleClaim.key')
            .whereRef('later.tick', '>', 'scheduleClaim.tick'),
        ),
      )
      .execute()
  },
})
