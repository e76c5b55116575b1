import { dateTime, type EntitySet, flag, int32, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import type { Call, Services } from '../services.ts'

/** Everything that expires, what ends first before all others. The original has no such list. */
export const expiringItems = ({ expiry }: Services): EntitySet<Call> => ({
  name: 'ExpiringItems',
  list: {
    requires: roles.readExpiry,
    run: async () =>
      (await expiry.entries()).map((entry) => ({
        Kind: entry.kind,
        Id: entry.id,
        Name: entry.name,
        Until: entry.until,
        DaysLeft: entry.daysLeft,
        State: entry.state,
        Where: entry.where,
        Renewable: entry.renewable,
      })),
  },
  type: {
    name: 'ExpiringItem',
    key: ['Kind', 'Id'],
    properties: {
      Kind: text(),
      Id: text(),
      Name: text(),
      Until: dateTime,
      DaysLeft: int32,
      State: text(),
      Where: text(),
      Renewable: flag,
    },
  },
})
