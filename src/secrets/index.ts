/** Security material: credentials, known hosts and PGP keys, sealed at rest, lent for the time of a call. */
export type { AccessToken, AuthorizationCodes } from './authorization-codes.ts'
export { type FlowCapabilities, growthOf, type ManifestDeployed } from './capabilities.ts'
export type { AuditPort, WhereUsed } from './contracts.ts'
export {
  type ChangedCredential,
  createSecrets,
  type GivenCredential,
  type Secrets,
  type ShownCredential,
} from './create-secrets.ts'
export type { GivenGrant, SecretGrants } from './grants.ts'
export type { KnownHosts, KnownHostsChanges, ShownKnownHost } from './known-hosts.ts'
export { materialsNaming } from './materials-naming.ts'
export type { GivenMaterial, LentMaterial, Materials, ShownMaterial } from './materials.ts'
export type {
  PgpExportFormat,
  PgpImportMode,
  PgpImportResult,
  PgpKeyrings,
  PgpKeyType,
  ShownPgpKey,
} from './pgp/keyrings.ts'
export type { CapabilitiesRecord, DeployStatus, GrantKey, GrantRecord, MaterialTypeName } from './records.ts'
