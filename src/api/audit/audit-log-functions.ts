import type { AuditFilter } from '../../audit/index.ts'
import type { FunctionImport } from '../../odata/index.ts'
import { faults } from '../faults.ts'
import { roles } from '../roles.ts'
import type { Call, Services } from '../services.ts'

const mostExported = 100_000
const json = 'application/json'

/** Milliseconds since 1970 of a parameter. @throws api.parametersInvalid */
function momentOf(property: string, value: string): number {
  const time = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw faults.parametersInvalid({ property, problems: [`'${value}' is no time such as 2026-01-31T12:00:00Z`] })
}

/** What can be done with the audit log besides reading it. */
export const auditLogFunctions = (services: Services): readonly FunctionImport<Call>[] => [
  exportAuditLog(services),
  verifyAuditLog(services),
  cutAuditLog(services),
]

const exportAuditLog = ({ audit }: Services): FunctionImport<Call> => ({
  name: 'ExportAuditLog',
  method: 'GET',
  status: 200,
  requires: roles.readAuditLog,
  parameters: ['Format?', 'Since?', 'Until?'],
  run: async ({ Format = 'json', Since, Until }) => {
    if (Format !== 'json' && Format !== 'csv')
      throw faults.parametersInvalid({ property: 'Format', problems: [`'${Format}' is neither json nor csv`] })
    const filter: AuditFilter = {
      ...(Since !== undefined && { since: momentOf('Since', Since) }),
      ...(Until !== undefined && { until: momentOf('Until', Until) }),
    }
    const count = await audit.count(filter)
    if (count > mostExported) throw faults.exportTooLarge({ count, most: mostExported })
    const parts: Buffer[] = []
    for await (const part of audit.export(Format, filter)) parts.push(Buffer.from(part))
    await audit.record({ action: 'Read', objectType: 'Audit Log', objectId: 'export', attributes: { format: Format } })
    const contentType = Format === 'csv' ? 'text/csv;charset=utf-8' : json
    return { document: { content: Buffer.concat(parts), contentType, fileName: `audit-log.${Format}` } }
  },
})

/** Checks the whole log; `Seq` and `Hash` are the head of an earlier check, kept elsewhere. */
const verifyAuditLog = ({ audit }: Services): FunctionImport<Call> => ({
  name: 'VerifyAuditLog',
  method: 'GET',
  status: 200,
  requires: roles.readAuditLog,
  parameters: ['Seq?', 'Hash?'],
  run: async ({ Seq, Hash }) => {
    const isWitness = Seq !== undefined || Hash !== undefined
    if (isWitness && (!/^\d{1,15}$/.test(Seq ?? '') || !/^[0-9a-f]{64}$/.test(Hash ?? '')))
      throw faults.parametersInvalid({
        property: 'Seq',
        problems: ['a number and a hash of 64 digits belong together'],
      })
    const verified = await audit.verify(isWitness ? { seq: Number(Seq), hash: Hash ?? '' } : undefined)
    return { document: { content: JSON.stringify({ ...verified, head: verified.head ?? null }), contentType: json } }
  },
})

const cutAuditLog = ({ audit }: Services): FunctionImport<Call> => ({
  name: 'CutAuditLog',
  method: 'POST',
  status: 200,
  requires: roles.cutAuditLog,
  parameters: ['Before', 'EvenBroken?'],
  run: async ({ Before = '', EvenBroken = 'false' }) => {
    if (EvenBroken !== 'true' && EvenBroken !== 'false')
      throw faults.parametersInvalid({ property: 'EvenBroken', problems: ['it is neither true nor false'] })
    const deleted = await audit.retain(momentOf('Before', Before), { evenBroken: EvenBroken === 'true' })
    return { document: { content: JSON.stringify({ deleted }), contentType: json } }
  },
})
