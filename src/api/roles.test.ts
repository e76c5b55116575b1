import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { allRoles, type Ask, newTestApi } from '../../test/kit/api.ts'
import { roleReference } from './role-reference.ts'
import { apiRoles } from './roles.ts'

const api = await newTestApi()
after(api.dispose)

const body = { Id: 'P', Name: 'P', ShortText: 's' }

/** Each operation with the roles of which any one is enough. */
const guarded: readonly (readonly [line: string, roles: readonly string[], ask?: Ask])[] = [
  [
    'GET /IntegrationPackages',
    ['WorkspacePackagesRead', 'WorkspacePackagesEdit', 'WorkspacePackagesConfigure', 'WorkspaceArtifactsDeploy'],
  ],
  ['POST /IntegrationPackages', ['WorkspacePackagesEdit'], { body }],
  ["PUT /IntegrationPackages('P')", ['WorkspacePackagesEdit'], { body: { Name: 'x' } }],
  ['POST /IntegrationDesigntimeArtifacts', ['WorkspacePackagesEdit'], { body: { Id: 'F', Name: 'F', PackageId: 'P' } }],
  [
    "GET /IntegrationDesigntimeArtifacts(Id='F',Version='active')/$value",
    ['WorkspacePackagesRead', 'WorkspacePackagesEdit', 'WorkspacePackagesConfigure', 'WorkspaceArtifactsDeploy'],
  ],
  [
    "PUT /IntegrationDesigntimeArtifacts(Id='F',Version='active')/$links/Configurations('k')",
    ['WorkspacePackagesConfigure', 'WorkspacePackagesEdit'],
    { body: { ParameterValue: '' } },
  ],
  [
    "POST /IntegrationDesigntimeArtifacts(Id='F',Version='active')/Resources",
    ['WorkspacePackagesEdit'],
    { body: { Name: 'a.js', ResourceType: 'js' } },
  ],
  ["POST /IntegrationDesigntimeArtifactSaveAsVersion?Id='F'&SaveAsVersion='1.0.1'", ['WorkspacePackagesEdit']],
  ["POST /DeployIntegrationDesigntimeArtifact?Id='F'&Version='active'", ['WorkspaceArtifactsDeploy']],
  ['POST /IntegrationRuntimeArtifacts', ['WorkspaceArtifactsDeploy'], { body: Buffer.from('x') }],
  ['GET /IntegrationRuntimeArtifacts', ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy']],
  ["GET /BuildAndDeployStatus('x')", ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy']],
  ['GET /ServiceEndpoints', ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy']],
  ['GET /LogConfigurations', ['TraceConfigurationRead', 'TraceConfigurationEdit', 'MonitoringDataRead']],
  ["PUT /LogConfigurations('F')", ['TraceConfigurationEdit'], { body: { LogLevel: 'TRACE' } }],
  ['GET /MessageProcessingLogs', ['MonitoringDataRead']],
  ['GET /MessageProcessingLogs/$count', ['MonitoringDataRead']],
  ["GET /MessageProcessingLogs('m')", ['MonitoringDataRead']],
  ["GET /MessageProcessingLogRuns('m')", ['MonitoringDataRead']],
  ['GET /MessageProcessingLogCustomHeaderProperties', ['MonitoringDataRead']],
  ["GET /MessageProcessingLogAttachments('a')/$value", ['MessagePayloadsRead']],
  ['GET /TraceMessages(1)', ['MessagePayloadsRead']],
  ['GET /TraceMessages(1)/$value', ['MessagePayloadsRead']],
  ["GET /MessageStoreEntries('x')", ['MessagePayloadsRead']],
  ["POST /CancelMessageProcessingLog?Id='m'", ['MonitoringArtifactsDeploy']],
  ['GET /UserCredentials', ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead']],
  ['POST /UserCredentials', ['CredentialsEdit'], { body: { Name: 'C', User: 'u', Password: 'p' } }],
  ["PUT /UserCredentials('C')", ['CredentialsEdit'], { body: { User: 'u' } }],
  ['GET /SecureParameters', ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead']],
  ['GET /OAuth2ClientCredentials', ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead']],
  ['GET /OAuth2SamlBearerAssertions', ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead']],
  ['GET /OAuth2AuthorizationCodes', ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead']],
  ['GET /JdbcDataSources', ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead']],
  ['POST /SecureParameters', ['CredentialsEdit'], { body: { Name: 'SP', SecureParam: 's' } }],
  ["PUT /SecureParameters('SP')", ['CredentialsEdit'], { body: { SecureParam: 't' } }],
  ["DELETE /SecureParameters('SP')", ['CredentialsEdit']],
  ["POST /AuthorizeOAuth2AuthorizationCode?Name='x'", ['CredentialsEdit']],
  ['GET /FlowCapabilities', ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'FlowCapabilitiesApprove']],
  ["POST /ApproveCapabilities?Id='F'&Fingerprint='x'", ['FlowCapabilitiesApprove']],
  ["POST /RejectCapabilities?Id='F'&Fingerprint='x'", ['FlowCapabilitiesApprove']],
  ['GET /SecretGrants', ['MonitoringDataRead', 'CredentialsEdit', 'WorkspaceArtifactsDeploy']],
  ['POST /SecretGrants', ['CredentialsEdit'], { body: { FlowId: 'F', Kind: 'key', Alias: 'k' } }],
  ["DELETE /SecretGrants(FlowId='F',Kind='key',Alias='k',Basis='administrator')", ['CredentialsEdit']],
  ['GET /KnownHosts', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /KnownHosts', ['SecurityMaterialEdit'], { body: { Lines: 'x' } }],
  ["DELETE /KnownHosts('x')", ['SecurityMaterialEdit']],
  ['GET /ReviewKnownHosts', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['GET /DownloadKnownHosts', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /ImportKnownHosts', ['SecurityMaterialEdit'], { body: Buffer.from('x') }],
  ["POST /ApproveKnownHosts?Id='x'", ['SecurityMaterialEdit']],
  ["POST /DiscardKnownHosts?Id='x'", ['SecurityMaterialEdit']],
  ['GET /PgpKeyEntries', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ["DELETE /PgpKeyEntries('x')", ['SecurityMaterialEdit']],
  ['POST /ImportPgpPublicKeys', ['SecurityMaterialEdit'], { body: { Content: 'eA==' } }],
  ['POST /ImportPgpSecretKeys', ['SecurityMaterialEdit'], { body: { Content: 'eA==' } }],
  ['POST /ExportPgpPublicKeys', ['MonitoringDataRead', 'SecurityMaterialEdit'], { body: {} }],
  ['POST /ExportPgpSecretKeys', ['SecurityMaterialDownload'], { body: { Passphrase: 'a long passphrase' } }],
  ['GET /InboundRefusals', ['MonitoringDataRead']],
  ['GET /AuditLogEntries', ['AuditLogRead']],
  ['GET /AuditLogEntries/$count', ['AuditLogRead']],
  ['GET /ExportAuditLog', ['AuditLogRead']],
  ['GET /VerifyAuditLog', ['AuditLogRead']],
  ["POST /CutAuditLog?Before='2000-01-01'", ['AuditLogCut']],
  ['GET /ConnectivityTestKinds', ['MonitoringDataRead']],
  ['POST /TestConnectivity', ['MonitoringDataRead'], { body: { kind: 'none' } }],
  ['POST /DownloadTestedCertificates', ['MonitoringDataRead'], { body: { kind: 'none' } }],
  ['GET /ExpiringItems', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ["GET /RehearseRemoval?Kind='x'&Name='y'", ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /RotateTenantKey', ['VaultAdministrator']],
  ['POST /RotateMasterKey', ['VaultAdministrator']],
  ['POST /RotateTokenKey', ['VaultAdministrator']],
  ['GET /VerifySeals', ['VaultAdministrator']],
  ['POST /CreateBackup', ['VaultAdministrator'], { body: { Passphrase: 'short' } }],
  ['POST /RestoreBackup', ['VaultAdministrator'], { body: Buffer.from('x') }],
  ['POST /SecretFingerprints', ['VaultAdministrator'], { body: { Phrase: 'short' } }],
  ['GET /UserRoles', ['MonitoringDataRead', 'UserRolesEdit']],
  ['GET /DownloadUserRoles', ['MonitoringDataRead', 'UserRolesEdit']],
  ['POST /UserRoles', ['UserRolesEdit'], { body: { Name: 'guarded' } }],
  ["PUT /UserRoles('guarded')", ['UserRolesEdit'], { body: { Description: 'd' } }],
  ['GET /Users', ['UsersRead', 'UsersEdit']],
  ['GET /UserGroups', ['UsersRead', 'UsersEdit']],
  ['POST /Users', ['UsersEdit'], { body: { Name: 'guarded' } }],
  ["PUT /Users('guarded')", ['UsersEdit'], { body: { Description: 'd' } }],
  ['POST /UserGroups', ['UsersEdit'], { body: { Name: 'guarded' } }],
  ["PUT /UserGroups('guarded')", ['UsersEdit'], { body: { Description: 'd' } }],
  ['GET /ServiceInstances', ['ServiceInstancesRead', 'ServiceInstancesEdit', 'ServiceKeysRead']],
  ['GET /ServiceKeys', ['ServiceInstancesRead', 'ServiceInstancesEdit', 'ServiceKeysRead']],
  ['GET /ServiceKeyCertificates', ['ServiceInstancesRead', 'ServiceInstancesEdit', 'ServiceKeysRead']],
  ["GET /ServiceKeys('x')/$value", ['ServiceKeysRead']],
  ['POST /ServiceInstances', ['ServiceInstancesEdit'], { body: { Name: 'guarded', Plan: 'integration-flow' } }],
  ["PUT /ServiceInstances('x')", ['ServiceInstancesEdit'], { body: {} }],
  ["DELETE /ServiceInstances('x')", ['ServiceInstancesEdit']],
  ['POST /ServiceKeys', ['ServiceInstancesEdit'], { body: { InstanceId: 'x', Name: 'k' } }],
  ["DELETE /ServiceKeys('x')", ['ServiceInstancesEdit']],
  ['POST /ServiceKeyCertificates', ['ServiceInstancesEdit'], { body: { KeyId: 'x', Certificate: 'c' } }],
  ["PUT /ServiceKeyCertificates('x')", ['ServiceInstancesEdit'], { body: {} }],
  ["DELETE /ServiceKeyCertificates('x')", ['ServiceInstancesEdit']],
  ["POST /RotateServiceKey?Id='x'", ['ServiceInstancesEdit']],
  ['POST /ServiceKeyKit', ['ServiceKeysRead'], { body: { Id: 'x', Password: 'p' } }],
  ['GET /CertificateUserMappings', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /CertificateUserMappings', ['SecurityMaterialEdit'], { body: { User: 'u', Certificate: 'c' } }],
  ["DELETE /CertificateUserMappings('x')", ['SecurityMaterialEdit']],
  ['GET /ChannelCertificates', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /ChannelCertificates', ['SecurityMaterialEdit'], { body: { Name: 'n', Certificate: 'c' } }],
  ["PUT /ChannelCertificates('x')", ['SecurityMaterialEdit'], { body: {} }],
  ["DELETE /ChannelCertificates('x')", ['SecurityMaterialEdit']],
  ['GET /TrustedProxies', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /TrustedProxies', ['TenantAdministrator'], { body: { Name: 'n', Certificate: 'c' } }],
  ["PUT /TrustedProxies('x')", ['TenantAdministrator'], { body: {} }],
  ["DELETE /TrustedProxies('x')", ['TenantAdministrator']],
  ['GET /TrustedIdentityProviders', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /TrustedIdentityProviders', ['TenantAdministrator'], { body: { Name: 'n', Issuer: 'i' } }],
  ["PUT /TrustedIdentityProviders('x')", ['TenantAdministrator'], { body: {} }],
  ["DELETE /TrustedIdentityProviders('x')", ['TenantAdministrator']],
  ['POST /ImportSamlMetadata', ['TenantAdministrator'], { body: { Metadata: 'm' } }],
  ['POST /DiscoverIdentityProvider', ['TenantAdministrator'], { body: { Issuer: 'i' } }],
  ['POST /TrustSender', ['TenantAdministrator'], { body: { Name: 'n', Issuer: 'i' } }],
  ['GET /TrustAnchors', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ["GET /TrustAnchors('x')/$value", ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /TrustAnchors', ['SecurityMaterialEdit'], { body: { Certificate: 'c' } }],
  ["PUT /TrustAnchors('x')", ['SecurityMaterialEdit'], { body: { Name: 'n' } }],
  ["DELETE /TrustAnchors('x')", ['SecurityMaterialEdit']],
  ['GET /CertificateRevocationLists', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /CertificateRevocationLists', ['SecurityMaterialEdit'], { body: { RevocationList: 'c' } }],
  ["DELETE /CertificateRevocationLists('x')", ['SecurityMaterialEdit']],
  ['GET /InboundPolicies', ['MonitoringDataRead', 'SecurityMaterialEdit']],
  ['POST /InboundPolicies', ['SecurityMaterialEdit'], { body: { Address: '/http/guarded' } }],
  ["PUT /InboundPolicies('tenant')", ['SecurityMaterialEdit'], { body: {} }],
  ["DELETE /InboundPolicies('%2Fhttp%2Fguarded')", ['SecurityMaterialEdit']],
  ['POST /ExplainInboundCall', ['MonitoringDataRead', 'SecurityMaterialEdit'], { body: { endpoint: '/http/x' } }],
  ['POST /IssueClientCertificate', ['SecurityMaterialEdit'], { body: { CommonName: 'c' } }],
  ['POST /SignCertificateRequest', ['SecurityMaterialEdit'], { body: Buffer.from('x') }],
  ["DELETE /UserRoles('guarded')", ['UserRolesEdit']],
  ["DELETE /Users('guarded')", ['UsersEdit']],
  ["DELETE /UserGroups('guarded')", ['UsersEdit']],
  ["DELETE /IntegrationRuntimeArtifacts('F')", ['WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy']],
  ["DELETE /IntegrationDesigntimeArtifacts(Id='F',Version='active')", ['WorkspacePackagesEdit']],
  ["DELETE /IntegrationPackages('P')", ['WorkspacePackagesEdit']],
  ["DELETE /UserCredentials('C')", ['CredentialsEdit']],
]
describe('roles', () => {
  for (const [line, roles, ask] of guarded) {
    it(`${line} needs ${roles.join(' or ')}`, async () => {
      const others = allRoles.filter((role) => !roles.includes(role))
      const refused = await api.ask(line, { ...ask, roles: others })
      assert.equal(refused.status, 403, String(refused.body))
      for (const role of roles) assert.ok(String(refused.body).includes(role))
      for (const role of roles) assert.notEqual((await api.ask(line, { ...ask, roles: [role] })).status, 403, role)
    })
  }

  it('the service document and $metadata are for everyone', async () => {
    for (const line of ['GET /', 'GET /$metadata']) assert.equal((await api.ask(line, { roles: [] })).status, 200)
  })

  it('each has words, and no other is asked for', () => {
    assert.deepEqual([...apiRoles].sort(), [...allRoles].sort())
    for (const role of apiRoles) assert.match(roleReference(), new RegExp(`^\\| \`${role}\` \\| \\w.*\\. \\|$`, 'm'))
  })

  it('reading on the way to something else needs its role too', async () => {
    const path = "/MessageProcessingLogRunSteps(RunId='m',ChildCount=0)/TraceMessages"
    assert.equal((await api.ask(`GET ${path}`, { roles: ['MessagePayloadsRead'] })).status, 403)
  })
})
