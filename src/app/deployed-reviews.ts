import type { Log } from '../base/index.ts'
import type { TenantStores } from '../database/index.ts'
import type { DeployedReviews } from '../lint/index.ts'
import type { Settings } from '../settings/index.ts'

/** What rules find in deployed scripts; rules and what runs CodeNarc are loaded when somebody asks. */
export function createLazyDeployedReviews(given: {
  readonly deployments: TenantStores['deployments']
  readonly settings: Pick<Settings, 'data' | 'scriptSandbox'>
  readonly log: Log
}): DeployedReviews {
  let made: Promise<DeployedReviews> | undefined
  async function make(): Promise<DeployedReviews> {
    const [{ createDeployedReviews }, { openCodeNarc }] = await Promise.all([
      import('../lint/index.ts'),
      import('./flow-scripts.ts'),
    ])
    return createDeployedReviews({ deployments: given.deployments, codeNarc: openCodeNarc(given) })
  }
  return async (artifactId) => (await (made ??= make()))(artifactId)
}
