import type { Capability } from '../flow/index.ts'
import { type Entity, textOf } from './api/entity.ts'
import type { Session } from './session.ts'
import { table } from './table.ts'

/** What the server keeps of a deployment, as `FlowCapabilities` shows it. */
export interface KeptCapabilities {
  readonly id: string
  /** ADMITTED, WAITING or REJECTED. */
  readonly status: string
  readonly fingerprint: string
  readonly capabilities: readonly Capability[]
  /** What a deployment that waits wants besides. */
  readonly growth: readonly Capability[]
  readonly deployedBy: string
  readonly approvedBy: string
}

const listIn = (entity: Entity, property: string): readonly Capability[] =>
  JSON.parse(textOf(entity, property) || '[]') as readonly Capability[]

/** The capabilities of all that is deployed, by the server. */
export const keptCapabilities = async ({ api }: Pick<Session, 'api'>): Promise<readonly KeptCapabilities[]> =>
  (await api().list('FlowCapabilities')).map((each) => ({
    id: textOf(each, 'Id'),
    status: textOf(each, 'Status'),
    fingerprint: textOf(each, 'Fingerprint'),
    capabilities: listIn(each, 'Capabilities'),
    growth: listIn(each, 'Growth'),
    deployedBy: textOf(each, 'DeployedBy'),
    approvedBy: textOf(each, 'ApprovedBy'),
  }))

/** Capabilities for people; `none` where there are none. */
export const capabilityTable = (capabilities: readonly Capability[]): string =>
  capabilities.length === 0
    ? 'none'
    : table(
        ['Kind', 'Name', 'Basis', 'Place'],
        capabilities.map(({ kind, name, basis, where }) => [kind, name === '*' ? 'any' : name, basis, where]),
      )
