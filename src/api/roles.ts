import type { Requirement } from '../odata/index.ts'
import { faults } from './faults.ts'
import type { Call } from './services.ts'

/*
 * Who may do what: role names are those of the original. Any one of the roles listed is enough; who may change a
 * thing may read it, because clients that deploy hold no role of their own for reading.
 */
export const roles = {
  anyone: [],
  readContent: [
    'WorkspacePackagesRead',
    'WorkspacePackagesEdit',
    'WorkspacePackagesConfigure',
    'WorkspaceArtifactsDeploy',
  ],
  editContent: ['WorkspacePackagesEdit'],
  configure: ['WorkspacePackagesConfigure', 'WorkspacePackagesEdit'],
  deploy: ['WorkspaceArtifactsDeploy'],
  undeploy: ['WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy'],
  followDeployment: ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy'],
  monitor: ['MonitoringDataRead'],
  cancelMessages: ['MonitoringArtifactsDeploy'],
  readPayloads: ['MessagePayloadsRead'],
  readLogLevel: ['TraceConfigurationRead', 'TraceConfigurationEdit', 'MonitoringDataRead'],
  editLogLevel: ['TraceConfigurationEdit'],
  readCredentials: ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead'],
  editCredentials: ['CredentialsEdit'],
  readUserRoles: ['MonitoringDataRead', 'UserRolesEdit'],
  editUserRoles: ['UserRolesEdit'],
  readUsers: ['UsersRead', 'UsersEdit'],
  editUsers: ['UsersEdit'],
  readInstances: ['ServiceInstancesRead', 'ServiceInstancesEdit', 'ServiceKeysRead'],
  editInstances: ['ServiceInstancesEdit'],
  readServiceKeys: ['ServiceKeysRead'],
  readSecurityMaterial: ['MonitoringDataRead', 'SecurityMaterialEdit'],
  editSecurityMaterial: ['SecurityMaterialEdit'],
  explain: ['MonitoringDataRead', 'SecurityMaterialEdit'],
  explainPassword: ['SecurityMaterialEdit'],
  downloadSecretKeys: ['SecurityMaterialDownload'],
  readKeystore: ['MonitoringDataRead', 'SecurityMaterialEdit', 'SecurityMaterialDownload'],
  editKeystore: ['SecurityMaterialEdit'],
  downloadKeystore: ['MonitoringDataRead', 'SecurityMaterialDownload'],
  exportPrivateKeys: ['SecurityMaterialDownload'],
  editTrustedProxies: ['TenantAdministrator'],
  editIdentityProviders: ['TenantAdministrator'],
  signAssertions: ['TenantAdministrator'],
  vault: ['VaultAdministrator'],
  readAuditLog: ['AuditLogRead'],
  cutAuditLog: ['AuditLogCut'],
  testConnections: ['MonitoringDataRead'],
  testWithCredentials: ['CredentialsEdit'],
  readGrants: ['MonitoringDataRead', 'CredentialsEdit', 'WorkspaceArtifactsDeploy'],
  readCapabilities: ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'FlowCapabilitiesApprove'],
  approveCapabilities: ['FlowCapabilitiesApprove'],
  readExpiry: ['MonitoringDataRead', 'SecurityMaterialEdit'],
} as const satisfies Readonly<Record<string, Requirement>>

export type ApiRole = (typeof roles)[keyof typeof roles][number]

/** What each role allows, in words for a person. */
export const apiRoleWords: Readonly<Record<ApiRole, string>> = {
  WorkspacePackagesRead: 'See packages and artifacts of the design time.',
  WorkspacePackagesEdit: 'Create, change and delete packages and artifacts.',
  WorkspacePackagesConfigure: 'Change the externalized parameters of artifacts.',
  WorkspaceArtifactsDeploy: 'Deploy and undeploy artifacts.',
  MonitoringDataRead:
    'See message logs, deployments, refusals, user roles, certificates, policies, which flow may use which secret and what expires when, ask why a call is refused, and test connections to servers.',
  MonitoringArtifactsDeploy: 'Undeploy artifacts and cancel messages.',
  MessagePayloadsRead: 'See the content of messages: traces, attachments, stored messages.',
  TraceConfigurationRead: 'See the log levels of flows.',
  TraceConfigurationEdit: 'Change the log levels of flows.',
  CredentialsRead: 'See the credentials of receivers, without passwords, and log on with them in connectivity tests.',
  CredentialsEdit:
    'Create, change and delete the credentials of receivers, and say which flows may use which credentials and keys.',
  FlowCapabilitiesApprove:
    'Approve and reject what deployed flows may use, and (with SecurityMaterialEdit) say whether it must be approved, which findings and signatures bundles are refused for, and which addresses are open to scripts.',
  UserRolesEdit: 'Create, change and delete the roles that flows ask for.',
  UsersRead: 'See users and groups.',
  UsersEdit: 'Create, change and delete users and groups, set passwords and lock users.',
  ServiceInstancesRead: 'See service instances and service keys, without credentials.',
  ServiceInstancesEdit: 'Create, change, rotate and delete service instances and service keys.',
  ServiceKeysRead: 'See the credentials of service keys: secrets and private keys.',
  SecurityMaterialEdit:
    'Change certificate-to-user mappings, trust anchors, revocation lists, certificates of channels, policies, known hosts and PGP keys, and issue client certificates.',
  SecurityMaterialDownload:
    'Download secret PGP keys under a new passphrase, and private keys where the settings allow it.',
  AuditLogRead: 'See, export and verify the audit log.',
  AuditLogCut: 'Delete what is old from the audit log; that it was done stays recorded.',
  VaultAdministrator:
    'Rotate the keys that seal all others, verify seals, make and restore backups, and compare secrets by fingerprints. Whoever restores a backup decides who may do what: give it with the care of TenantAdministrator.',
  TenantAdministrator:
    'Give any role to anybody, manage whatever has roles that the caller lacks, name the proxies and identity providers whose word counts, and sign assertions for any user by keys of the keystore.',
}

/** Every role the API asks for, for an instance that may do everything. */
export const apiRoles: readonly string[] = Object.keys(apiRoleWords).sort()

/**
 * Roles of the original for what is not here. They can be given, so that parameters written for the original can be
 * used as they are, and allow nothing.
 */
export const idleRoles: readonly string[] = [
  'AccessAllAccessPoliciesArtifacts',
  'AccessPoliciesEdit',
  'AccessPoliciesRead',
  'AuthGroup_Administrator',
  'AuthGroup_BusinessExpert',
  'AuthGroup_ContentPublisher',
  'AuthGroup_IntegrationDeveloper',
  'AuthGroup_ReadOnly',
  'AuthGroup_TenantPartnerDirectoryConfigurator',
  'CatalogPackageArtifactsRead',
  'CatalogPackagesCopy',
  'CatalogPackagesRead',
  'DataArchivingActivate',
  'DataArchivingRead',
  'DataStorePayloadsRead',
  'DataStoresAndQueuesConfig',
  'DataStoresAndQueuesDelete',
  'DataStoresAndQueuesRead',
  'ExternalLoggingActivate',
  'ExternalLoggingActivationRead',
  'HealthCheckMonitoringDataRead',
  'IntegrationCellOperationCockpitRead',
  'IntegrationCellOperationCockpitWrite',
  'MessageProcessingLocksDelete',
  'MessageProcessingLocksRead',
  'QueuesActivate',
  'QueuesRetry',
  'WorkspaceArtifactLocksDelete',
  'WorkspaceArtifactLocksRead',
  'WorkspaceDesignGuidelinesConfigure',
  'WorkspacePackagesTransport',
]

/** @throws api.roleMissing when the caller has none of the roles */
export function authorize(requires: Requirement, { caller }: Call): void {
  if (requires.length > 0 && !requires.some((role) => caller.roles.includes(role))) {
    throw faults.roleMissing({ caller: caller.name, roles: requires })
  }
}
