import { createDeployedFlows, type DeployedBundles } from './deployed-flows.ts'
import { type InferredGrant, inferGrants } from './grants.ts'
import type { Catalog } from './support.ts'

/** The grants that deployed flows ask for: of one flow, or of all. */
export type DeployedGrants = (flowId?: string) => Promise<readonly InferredGrant[]>

/** Infers what each deployed flow may use. What a person added or took away is not in it. */
export function createDeployedGrants(given: {
  readonly deployments: DeployedBundles
  readonly catalog: Catalog
}): DeployedGrants {
  const { deployments, catalog } = given
  const grants = createDeployedFlows({
    deployments,
    find: (flow, collections) => inferGrants(flow, catalog, collections),
    keyOf: ({ kind, basis, alias }) => JSON.stringify([kind, basis, alias]),
  })
  return async (flowId) => {
    const byFlow = await grants()
    return flowId === undefined ? [...byFlow.values()].flat() : (byFlow.get(flowId) ?? [])
  }
}
