import type { RecordedRefusal } from '../../monitor/index.ts'
import { dateTime, type EntitySet, type Expression, int32, type Row, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { orNull, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** The newest refusals that a question looks through. */
const most = 10_000

const row = (value: RecordedRefusal): Row => ({
  Reference: value.reference,
  Time: value.time,
  RemoteAddress: value.remoteAddress,
  Method: value.method,
  Endpoint: value.endpoint,
  Stage: value.stage,
  Code: value.code,
  Reason: value.reason,
  Remedy: value.remedy,
  Status: value.status,
  Times: value.times,
  CertificateFingerprint: orNull(value.certificate?.fingerprint ?? ''),
  CertificateSubject: orNull(value.certificate?.subject ?? ''),
  CertificateIssuer: orNull(value.certificate?.issuer ?? ''),
  CertificateValidTo: orNull(value.certificate?.validTo ?? ''),
})

/** Connections and calls that the front door refused, and why. The original has no such set. */
export const inboundRefusals = ({ refusals }: Services): EntitySet<Call> => ({
  name: 'InboundRefusals',
  list: {
    requires: roles.monitor,
    run: async (_, filter) => (await refusals.list({ ...narrowed(filter), top: most })).map(row),
  },
  find: {
    requires: roles.monitor,
    run: async (key) => {
      const [found] = await refusals.list({ reference: textOf(key, 'Reference'), top: 1 })
      return found && row(found)
    },
  },
  type: {
    name: 'InboundRefusal',
    key: ['Reference'],
    properties: {
      Reference: text(),
      Time: dateTime,
      RemoteAddress: text(),
      Method: text(),
      Endpoint: text(),
      Stage: text(),
      Code: text(),
      Reason: text(),
      Remedy: text(),
      Status: int32,
      Times: int32,
      CertificateFingerprint: text(),
      CertificateSubject: text(),
      CertificateIssuer: text(),
      CertificateValidTo: text(),
    },
  },
})

/** What of a filter the store can look for itself; the whole filter is applied afterwards. */
function narrowed(filter: Expression | undefined): { readonly reference?: string; readonly since?: number } {
  if (filter?.kind === 'and') return { ...narrowed(filter.left), ...narrowed(filter.right) }
  if (filter?.kind !== 'compare' || filter.left.kind !== 'property' || filter.right.kind !== 'literal') return {}
  const { value } = filter.right.literal
  if (filter.left.path === 'Reference' && filter.operator === 'eq' && typeof value === 'string')
    return { reference: value }
  const isLowerBound = filter.operator === 'ge' || filter.operator === 'gt'
  return filter.left.path === 'Time' && isLowerBound && typeof value === 'number' ? { since: value } : {}
}
