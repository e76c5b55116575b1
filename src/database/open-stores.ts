import type { DesignStore } from '../design/index.ts'
import type { IdentityStore } from '../identity/index.ts'
import type { EntryStore, TenantStore } from '../keystore/index.ts'
import type { MessageLogStore, RefusalStore } from '../monitor/index.ts'
import type { DeploymentStore, ScheduleStore } from '../runtime/index.ts'
import type { MaterialStore } from '../secrets/index.ts'
import type { VariableStore } from '../stores/index.ts'
import { createDeploymentStore } from './deployment-store.ts'
import { createDesignStore } from './design-store.ts'
import { createEntryStore } from './entry-store.ts'
import { createIdentityStore } from './identity-store.ts'
import { createMaterialStore } from './material-store.ts'
import { createMessageLogStore } from './message-log-store.ts'
import type { Database } from './open-database.ts'
import { createRefusalStore } from './refusal-store.ts'
import { createScheduleStore } from './schedule-store.ts'
import { createTenantStore } from './tenant-store.ts'
import { createVariableStore } from './variable-store.ts'

/** All that a tenant keeps. */
export interface TenantStores {
  readonly messages: MessageLogStore
  readonly refusals: RefusalStore
  readonly design: DesignStore
  readonly deployments: DeploymentStore
  readonly schedules: ScheduleStore
  readonly identities: IdentityStore
  readonly entries: EntryStore
  readonly variables: VariableStore
  readonly materials: MaterialStore
}

/** All that the installation keeps beside its tenants. */
export interface ControlStores {
  readonly tenants: TenantStore
}

/** The stores of the tenant whose schema was opened. */
export const openTenantStores = (database: Database): TenantStores => ({
  messages: createMessageLogStore(database),
  refusals: createRefusalStore(database),
  design: createDesignStore(database),
  deployments: createDeploymentStore(database),
  schedules: createScheduleStore(database),
  identities: createIdentityStore(database),
  entries: createEntryStore(database),
  variables: createVariableStore(database),
  materials: createMaterialStore(database),
})

/** The stores of the installation, from the schema `control`. */
export const openControlStores = (database: Database): ControlStores => ({ tenants: createTenantStore(database) })
