import type { Seal, StoredAuditEvent } from '../audit/index.ts'
import type { RevokedToken, StoredModel } from '../auth/index.ts'
import type { Artifact, IntegrationPackage } from '../design/index.ts'
import type { MessageSummary, Refusal } from '../monitor/index.ts'
import type { StoredRecord } from '../records/index.ts'
import type { Deployment, DeployTask, Endpoint } from '../runtime/index.ts'
import type { StoredVariable } from '../stores/index.ts'

/** A row as the database holds it: what may be missing is null, structures are JSON texts. */
type Row<Entity, Replaced = object> = {
  readonly [Key in keyof Omit<Entity, keyof Replaced>]: undefined extends Entity[Key]
    ? Exclude<Entity[Key], undefined> | null
    : Entity[Key]
} & Replaced

interface Content {
  readonly artifactId: string
  readonly content: Uint8Array
}

/** Tables of both schemas; column names are written in snake case. */
export interface Tables {
  readonly migration: { readonly name: string; readonly checksum: string; readonly appliedAt: number }
  // Schema of the installation
  readonly tenant: { readonly id: string; readonly sealedKey: string }
  // Schema of a tenant
  readonly integrationPackage: Row<IntegrationPackage>
  readonly artifact: Row<Artifact>
  readonly artifactContent: Content
  readonly counter: { readonly name: string; readonly value: number }
  readonly deployment: Row<Deployment, { readonly fault: string | null }>
  readonly deploymentContent: Content & { readonly started: Uint8Array | null }
  readonly deployTask: Row<DeployTask>
  readonly endpoint: Row<Endpoint>
  readonly scheduleClaim: { readonly key: string; readonly tick: number; readonly node: string }
  readonly registryRecord: Row<StoredRecord> & { readonly revision: number }
  readonly keystoreRecord: Row<StoredRecord> & { readonly revision: number }
  readonly secretsRecord: Row<StoredRecord> & { readonly revision: number }
  readonly authorizationRecord: Row<StoredRecord> & { readonly revision: number }
  readonly authorizationModel: Row<StoredModel>
  readonly spentId: { readonly id: string; readonly expires: number }
  readonly revokedToken: RevokedToken & { readonly position: number }
  readonly variable: Row<StoredVariable>
  readonly message: Row<MessageSummary> & { readonly node: string; readonly detail: string }
  readonly customHeader: {
    readonly messageId: string
    readonly position: number
    readonly name: string
    readonly value: string
  }
  readonly attachment: {
    readonly id: string
    readonly messageId: string
    readonly name: string
    readonly contentType: string
    readonly size: number
    readonly sealed: string
  }
  readonly trace: {
    readonly messageId: string
    readonly position: number
    readonly sealed: string
    readonly expires: number
  }
  readonly checkpoint: { readonly node: string; readonly segment: number; readonly offset: number }
  readonly auditEvent: StoredAuditEvent
  readonly auditSeal: Seal
  readonly refusal: Row<Refusal, { readonly certificate: string | null; readonly times: number }>
}
