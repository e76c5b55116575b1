import type { TenantStores } from '../database/index.ts'
import type { DeployedGrants } from '../flow/index.ts'

/** What deployed flows ask for, by the declarations of all steps and adapters; loaded late as those of where-used. */
export function createLazyDeployedGrants(deployments: TenantStores['deployments']): DeployedGrants {
  let made: Promise<DeployedGrants> | undefined
  async function make(): Promise<DeployedGrants> {
    const [{ createDeployedGrants }, { steps }, { receivers, senders }] = await Promise.all([
      import('../flow/index.ts'),
      import('../steps/index.ts'),
      import('../adapters/index.ts'),
    ])
    return createDeployedGrants({ deployments, catalog: { steps, receivers, senders } })
  }
  return async (flowId) => (await (made ??= make()))(flowId)
}
