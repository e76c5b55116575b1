import type { TenantStores } from '../database/index.ts'
import { type Materials, materialsNaming, type WhereUsed } from '../secrets/index.ts'

/**
 * What uses an alias: flows, by the declarations of all steps and adapters, and the security materials that name a key.
 * The declarations are loaded when somebody asks: this process runs no flow, and the languages behind them take tens of
 * megabytes.
 */
export function createLazyWhereUsed(
  deployments: TenantStores['deployments'],
  materials: () => Pick<Materials, 'list'>,
): WhereUsed {
  let made: Promise<WhereUsed> | undefined
  async function make(): Promise<WhereUsed> {
    const [{ createWhereUsed }, { steps }, { receivers, senders }] = await Promise.all([
      import('../flow/index.ts'),
      import('../steps/index.ts'),
      import('../adapters/index.ts'),
    ])
    return createWhereUsed({ deployments, catalog: { steps, receivers, senders } })
  }
  return async (kind, alias) => {
    const flows = await (await (made ??= make()))(kind, alias)
    return kind === 'key' ? [...flows, ...materialsNaming(materials(), alias)] : flows
  }
}
