import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDatabase, openTenantStores, type TenantStores } from '../../src/database/index.ts'

/** The stores of a new tenant in a SQLite file of its own, which is gone after `dispose`. */
export async function newTenantStores(): Promise<{
  readonly stores: TenantStores
  readonly dispose: () => Promise<void>
}> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stores-'))
  const database = await openDatabase({ url: undefined, folder, schema: 'default' })
  return {
    stores: openTenantStores(database),
    async dispose() {
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
