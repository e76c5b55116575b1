import type { AuditEvent } from '../../audit/index.ts'
import { dateTime, type EntitySet, int32, int64, type Row, text } from '../../odata/index.ts'
import { auditFilter, requireNewestFirst } from '../audit/audit-filter.ts'
import { roles } from '../roles.ts'
import { orNull } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const row = (event: AuditEvent): Row => ({
  Seq: BigInt(event.seq),
  Time: event.time,
  User: event.user,
  Source: orNull(event.source),
  Via: event.via,
  Action: event.action,
  ObjectType: event.objectType,
  ObjectId: event.objectId,
  Times: event.times,
  Attributes: JSON.stringify(event.attributes),
  ChangedAttributes: JSON.stringify(event.changedAttributes),
  Hash: event.hash,
})

/** Who did what to which security object, newest first. */
export const auditLogEntries = ({ audit }: Services): EntitySet<Call> => ({
  name: 'AuditLogEntries',
  query: {
    requires: roles.readAuditLog,
    pageSize: 1000,
    run: async ({ query, skip, top }) => {
      requireNewestFirst(query.orderBy)
      return (await audit.list(auditFilter(query.filter), { top, skip })).map(row)
    },
    count: (filter) => audit.count(auditFilter(filter)),
  },
  type: {
    name: 'AuditLogEntry',
    key: ['Seq'],
    properties: {
      Seq: int64,
      Time: dateTime,
      User: text(),
      Source: text(),
      Via: text(),
      Action: text(),
      ObjectType: text(),
      ObjectId: text(),
      Times: int32,
      Attributes: text(),
      ChangedAttributes: text(),
      Hash: text(),
    },
  },
})
