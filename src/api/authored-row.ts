import type { Authored } from '../identity/records.ts'
import { dateTime, text } from '../odata/index.ts'

/** Who made a record of the registry and who changed it last, as every set shows it. */
export const authoredRow = (record: Authored) => ({
  CreatedBy: record.createdBy,
  CreatedAt: record.createdAt,
  ModifiedBy: record.modifiedBy,
  ModifiedAt: record.modifiedAt,
})

export const authoredProperties = {
  CreatedBy: text(),
  CreatedAt: dateTime,
  ModifiedBy: text(),
  ModifiedAt: dateTime,
}
