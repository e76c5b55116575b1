import type { Capability } from '../../flow/index.ts'
import { dateTime, type EntitySet, type Row, text } from '../../odata/index.ts'
import { type CapabilitiesRecord, growthOf } from '../../secrets/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** What deployed flows and script collections may use, and what of it waits for approval. Lists are JSON. */
export const flowCapabilities = ({ secrets }: Services): EntitySet<Call> => ({
  name: 'FlowCapabilities',
  list: {
    requires: roles.readCapabilities,
    run: async () => {
      await secrets.reload()
      return secrets.capabilities.list().map(row)
    },
  },
  find: {
    requires: roles.readCapabilities,
    run: async (key) => {
      await secrets.reload()
      const found = secrets.capabilities.find(textOf(key, 'Id'))
      return found && row(found)
    },
  },
  type: {
    name: 'FlowCapability',
    key: ['Id'],
    properties: {
      Id: text(200),
      Status: text(8),
      Capabilities: text(),
      ApprovedBy: text(),
      Fingerprint: text(),
      Wanted: text(),
      Growth: text(),
      RejectedBy: text(),
      RejectedAt: dateTime,
      DeployedBy: text(),
      DeployedAt: dateTime,
    },
  },
})

const shown = (capabilities: readonly Capability[]): string =>
  JSON.stringify(capabilities.map(({ kind, name, basis, where }) => ({ kind, name, basis, where })))

/** `Fingerprint` and who deployed are of what waits, where something waits; else of what was let in. */
function row(record: CapabilitiesRecord): Row {
  const { artifactId, admitted, waiting } = record
  const latest = waiting ?? admitted
  return {
    Id: artifactId,
    Status: waiting === undefined ? 'ADMITTED' : waiting.rejection === undefined ? 'WAITING' : 'REJECTED',
    Capabilities: shown(admitted?.capabilities ?? []),
    ApprovedBy: (admitted?.approvedBy ?? []).join(', '),
    Fingerprint: latest?.fingerprint ?? null,
    Wanted: waiting === undefined ? null : shown(waiting.capabilities),
    Growth: shown(growthOf(record)),
    RejectedBy: waiting?.rejection?.by ?? null,
    RejectedAt: waiting?.rejection?.at ?? null,
    DeployedBy: latest?.deployedBy ?? null,
    DeployedAt: latest?.deployedAt ?? null,
  }
}
