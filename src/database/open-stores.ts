import type { AuditStore } from '../audit/index.ts'
import type { ModelStore, RevokedTokenStore, SpentIdStore } from '../auth/index.ts'
import type { BackupStore } from '../backup/index.ts'
import type { DesignStore } from '../design/index.ts'
import type { RegistryStore } from '../identity/index.ts'
import type { SealedRows, TenantStore } from '../keystore/index.ts'
import type { MessageLogStore, RefusalStore } from '../monitor/index.ts'
import type { RecordStore } from '../records/index.ts'
import type { DeploymentStore, ScheduleStore } from '../runtime/index.ts'
import type { VariableStore } from '../stores/index.ts'
import { createAuditStore } from './audit-store.ts'
import { createModelStore } from './authorization-models.ts'
import { createRevokedTokenStore, createSpentIdStore } from './authorization-tokens.ts'
import { createBackupStore } from './backup-store.ts'
import { createDeploymentStore } from './deployment-store.ts'
import { createDesignStore } from './design-store.ts'
import { createMessageLogStore } from './message-log-store.ts'
import type { Database } from './open-database.ts'
import { createRecordStore } from './record-store.ts'
import { createRefusalStore } from './refusal-store.ts'
import { createScheduleStore } from './schedule-store.ts'
import { createSealedRows } from './sealed-rows.ts'
import { createTenantStore } from './tenant-store.ts'
import { createVariableStore } from './variable-store.ts'

/** All that a tenant keeps. */
export interface TenantStores {
  readonly messages: MessageLogStore
  readonly refusals: RefusalStore
  readonly design: DesignStore
  readonly deployments: DeploymentStore
  readonly schedules: ScheduleStore
  readonly registry: RegistryStore
  readonly keystore: RecordStore
  readonly secrets: RecordStore
  /** Keys of the authorization server. */
  readonly authorization: RecordStore
  readonly authorizationModels: ModelStore
  readonly spentIds: SpentIdStore
  readonly revokedTokens: RevokedTokenStore
  /** What is sealed outside of records. */
  readonly sealedRows: readonly SealedRows[]
  readonly variables: VariableStore
  readonly audit: AuditStore
  /** For a backup the schema is opened anew: reading it all keeps a connection of SQLite from others. */
  readonly backup: BackupStore
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
  registry: createRecordStore(database, 'registry'),
  keystore: createRecordStore(database, 'keystore'),
  secrets: createRecordStore(database, 'secrets'),
  authorization: createRecordStore(database, 'authorization'),
  authorizationModels: createModelStore(database),
  spentIds: createSpentIdStore(database),
  revokedTokens: createRevokedTokenStore(database),
  sealedRows: createSealedRows(database),
  variables: createVariableStore(database),
  audit: createAuditStore(database),
  backup: createBackupStore(database),
})

/** The stores of the installation, from the schema `control`. */
export const openControlStores = (database: Database): ControlStores => ({ tenants: createTenantStore(database) })
