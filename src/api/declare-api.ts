import { assertionFunctions } from './assertion-functions.ts'
import { auditLogFunctions } from './audit/audit-log-functions.ts'
import { capabilityFunctions } from './capability-functions.ts'
import { connectivityFunctions } from './connectivity-functions.ts'
import { createDeployer } from './deploy.ts'
import { rehearseRemoval } from './rehearse-removal.ts'
import { functionImports } from './functions.ts'
import { identityProviderFunctions } from './identity-provider-functions.ts'
import { inboundFunctions } from './inbound-functions.ts'
import { secretsFunctions } from './secrets-functions.ts'
import type { Services } from './services.ts'
import { vaultFunctions } from './vault-functions.ts'
import { auditLogEntries } from './sets/audit-log-entries.ts'
import { exportKeyPair } from './keystore-functions.ts'
import { flowCapabilities } from './sets/flow-capabilities.ts'
import { historyKeystoreEntries } from './sets/history-keystore-entries.ts'
import {
  keyPairGenerationRequests,
  keyPairResources,
  rsaKeyGenerationRequests,
  rsaKeyResources,
  sshKeyGenerationRequests,
  sshKeyResources,
} from './sets/key-imports.ts'
import { chainCertificates, keystoreEntries } from './sets/keystore-entries.ts'
import { certificateChainResources, certificateResources, certificateSigningRequests } from './sets/keystore-media.ts'
import { keystoreResources, keystores } from './sets/keystores.ts'
import { bundleSignatures } from './sets/bundle-signatures.ts'
import { scriptReviews } from './sets/script-reviews.ts'
import { scriptSandboxes } from './sets/script-sandboxes.ts'
import { buildAndDeployStatus } from './sets/build-and-deploy-status.ts'
import { certificateRevocationLists } from './sets/certificate-revocation-lists.ts'
import { certificateUserMappings } from './sets/certificate-user-mappings.ts'
import { channelCertificates } from './sets/channel-certificates.ts'
import { configurations } from './sets/configurations.ts'
import { expiringItems } from './sets/expiring-items.ts'
import { inboundPolicies } from './sets/inbound-policies.ts'
import { inboundRefusals } from './sets/inbound-refusals.ts'
import { integrationDesigntimeArtifacts } from './sets/integration-designtime-artifacts.ts'
import { integrationPackages } from './sets/integration-packages.ts'
import { integrationRuntimeArtifacts } from './sets/integration-runtime-artifacts.ts'
import { jdbcDataSources } from './sets/jdbc-data-sources.ts'
import { knownHosts } from './sets/known-hosts.ts'
import { logConfigurations } from './sets/log-configurations.ts'
import { messageMappingDesigntimeArtifacts } from './sets/message-mapping-designtime-artifacts.ts'
import { adapterAttributes, messageStoreEntries } from './sets/message-parts.ts'
import { messageProcessingLogAttachments } from './sets/message-processing-log-attachments.ts'
import { messageProcessingLogCustomHeaderProperties } from './sets/message-processing-log-custom-header-properties.ts'
import { messageProcessingLogErrorInformations } from './sets/message-processing-log-error-informations.ts'
import {
  messageProcessingLogRunStepProperties,
  messageProcessingLogRunSteps,
} from './sets/message-processing-log-run-steps.ts'
import { messageProcessingLogRuns } from './sets/message-processing-log-runs.ts'
import { messageProcessingLogs } from './sets/message-processing-logs.ts'
import { oauth2AuthorizationCodes } from './sets/oauth2-authorization-codes.ts'
import { customParameters, oauth2ClientCredentials } from './sets/oauth2-client-credentials.ts'
import { oauth2SamlBearerAssertions } from './sets/oauth2-saml-bearer-assertions.ts'
import { pgpKeyEntries, pgpSubKeys, pgpUserIds } from './sets/pgp-key-entries.ts'
import { resources } from './sets/resources.ts'
import { runtimeArtifactErrorInformations } from './sets/runtime-artifact-error-informations.ts'
import { scriptCollectionDesigntimeArtifacts } from './sets/script-collection-designtime-artifacts.ts'
import { secretGrants } from './sets/secret-grants.ts'
import { secureParameters } from './sets/secure-parameters.ts'
import { apiDefinitions, entryPoints, serviceEndpoints } from './sets/service-endpoints.ts'
import { serviceInstances } from './sets/service-instances.ts'
import { serviceKeyCertificates } from './sets/service-key-certificates.ts'
import { serviceKeys } from './sets/service-keys.ts'
import { traceMessageExchangeProperties, traceMessageProperties, traceMessages } from './sets/trace-messages.ts'
import { trustAnchors } from './sets/trust-anchors.ts'
import { trustedIdentityProviders } from './sets/trusted-identity-providers.ts'
import { trustedProxies } from './sets/trusted-proxies.ts'
import { userCredentials } from './sets/user-credentials.ts'
import { userGroups } from './sets/user-groups.ts'
import { userRoles } from './sets/user-roles.ts'
import { users } from './sets/users.ts'
import { valueMappingDesigntimeArtifacts } from './sets/value-mapping-designtime-artifacts.ts'

/** Everything that the API offers: the list that a new set is added to. */
export function declareApi(services: Services) {
  const deployer = createDeployer(services)
  const artifactSets = {
    IntegrationFlow: integrationDesigntimeArtifacts(services),
    MessageMapping: messageMappingDesigntimeArtifacts(services),
    ScriptCollection: scriptCollectionDesigntimeArtifacts(services),
    ValueMapping: valueMappingDesigntimeArtifacts(services),
  }
  return {
    functions: [
      ...functionImports(services, deployer),
      ...capabilityFunctions(services),
      ...inboundFunctions(services),
      ...identityProviderFunctions(services),
      ...assertionFunctions(services),
      ...auditLogFunctions(services),
      ...connectivityFunctions(services),
      rehearseRemoval(services),
      ...secretsFunctions(services),
      exportKeyPair(services),
      ...vaultFunctions(services),
    ],
    sets: [
      integrationPackages(services, artifactSets),
      ...Object.values(artifactSets),
      configurations,
      resources,
      buildAndDeployStatus(services),
      integrationRuntimeArtifacts(services, deployer),
      runtimeArtifactErrorInformations,
      logConfigurations(services),
      serviceEndpoints(services),
      entryPoints,
      apiDefinitions,
      messageProcessingLogs(services),
      messageProcessingLogErrorInformations,
      messageProcessingLogAttachments(services),
      messageProcessingLogCustomHeaderProperties(services),
      adapterAttributes,
      messageProcessingLogRuns(services),
      messageProcessingLogRunSteps(services),
      messageProcessingLogRunStepProperties,
      traceMessages(services),
      traceMessageProperties,
      traceMessageExchangeProperties,
      messageStoreEntries,
      userCredentials(services),
      secureParameters(services),
      oauth2ClientCredentials(services),
      customParameters,
      oauth2SamlBearerAssertions(services),
      oauth2AuthorizationCodes(services),
      jdbcDataSources(services),
      knownHosts(services),
      flowCapabilities(services),
      bundleSignatures(services),
      scriptReviews(services),
      scriptSandboxes(services),
      secretGrants(services),
      pgpKeyEntries(services),
      pgpSubKeys,
      pgpUserIds,
      keystoreEntries(services),
      keystores(services),
      keystoreResources(services),
      certificateResources(services),
      certificateChainResources(services),
      certificateSigningRequests,
      chainCertificates,
      keyPairResources(services),
      sshKeyResources(services),
      rsaKeyResources(services),
      keyPairGenerationRequests(services),
      sshKeyGenerationRequests(services),
      rsaKeyGenerationRequests(services),
      historyKeystoreEntries(services),
      userRoles(services),
      users(services),
      userGroups(services),
      serviceInstances(services),
      serviceKeys(services),
      serviceKeyCertificates(services),
      certificateUserMappings(services),
      channelCertificates(services),
      trustedProxies(services),
      trustAnchors(services),
      trustedIdentityProviders(services),
      certificateRevocationLists(services),
      inboundPolicies(services),
      inboundRefusals(services),
      auditLogEntries(services),
      expiringItems(services),
    ],
  }
}
