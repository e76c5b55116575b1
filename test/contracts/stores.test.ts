import { after, before, describe } from 'node:test'
import { openControlStores, openTenantStores, type TenantStores } from '../../src/database/index.ts'
import { auditContract } from './audit-store.ts'
import { authorizationContract } from './authorization-store.ts'
import { type Backend, backends } from './backends.ts'
import { databaseContract } from './database.ts'
import { deploymentContract, scheduleContract } from './deployment-store.ts'
import { designContract } from './design-store.ts'
import { messageLogContract } from './message-log-store.ts'
import { migrationContract } from './migrations.ts'
import { refusalContract } from './refusal-store.ts'
import { registryContract } from './registry-store.ts'
import { tenantContract, variableContract } from './small-stores.ts'

for (const [name, start] of Object.entries(backends)) {
  describe(name, () => {
    let backend: Backend
    before(async () => {
      backend = await start()
    })
    after(() => backend?.stop())

    const fresh =
      <Name extends keyof TenantStores>(store: Name) =>
      async (): Promise<TenantStores[Name]> =>
        openTenantStores(await backend.open())[store]

    messageLogContract(fresh('messages'))
    refusalContract(fresh('refusals'))
    designContract(fresh('design'))
    deploymentContract(fresh('deployments'))
    scheduleContract(fresh('schedules'))
    registryContract(() => backend)
    variableContract(fresh('variables'))
    auditContract(() => backend)
    authorizationContract(() => backend)
    tenantContract(async () => openControlStores(await backend.open('control')).tenants)
    databaseContract(() => backend)
    migrationContract(() => backend)
  })
}
