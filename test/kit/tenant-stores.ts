import { openDatabase, openTenantStores, type TenantStores } from '../../src/database/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The stores of a new tenant in a SQLite file of its own, which `dispose` closes. */
export async function newTenantStores(): Promise<{
  readonly stores: TenantStores
  readonly dispose: () => Promise<void>
}> {
  const folder = temporaryFolder('stores')
  const database = await openDatabase({ url: undefined, folder, schema: 'default' })
  return {
    stores: openTenantStores(database),
    async dispose() {
      await database.close()
    },
  }
}
