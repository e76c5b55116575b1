import type { TenantStores } from '../database/index.ts'
import type { WhereUsed } from '../secrets/index.ts'

/**
 * Which flows use an alias, by the declarations of all steps and adapters. They are loaded when somebody asks: this
 * process runs no flow, and the languages behind them take tens of megabytes.
 */
export function createLazyWhereUsed(deployments: TenantStores['deployments']): WhereUsed {
  let made: Promise<WhereUsed> | undefined
  async function make(): Promise<WhereUsed> {
    const [{ createWhereUsed }, { steps }, { receivers, senders }] = await Promise.all([
      import('../flow/index.ts'),
      import('../steps/index.ts'),
      import('../adapters/index.ts'),
    ])
    return createWhereUsed({ deployments, catalog: { steps, receivers, senders } })
  }
  return async (kind, alias) => (await (made ??= make()))(kind, alias)
}
