import { createDeployer } from './deploy.ts'
import { functionImports } from './functions.ts'
import type { Services } from './services.ts'
import { buildAndDeployStatus } from './sets/build-and-deploy-status.ts'
import { configurations } from './sets/configurations.ts'
import { inboundRefusals } from './sets/inbound-refusals.ts'
import { integrationDesigntimeArtifacts } from './sets/integration-designtime-artifacts.ts'
import { integrationPackages } from './sets/integration-packages.ts'
import { integrationRuntimeArtifacts } from './sets/integration-runtime-artifacts.ts'
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
import { resources } from './sets/resources.ts'
import { runtimeArtifactErrorInformations } from './sets/runtime-artifact-error-informations.ts'
import { scriptCollectionDesigntimeArtifacts } from './sets/script-collection-designtime-artifacts.ts'
import { apiDefinitions, entryPoints, serviceEndpoints } from './sets/service-endpoints.ts'
import { traceMessageExchangeProperties, traceMessageProperties, traceMessages } from './sets/trace-messages.ts'
import { userCredentials } from './sets/user-credentials.ts'
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
    functions: functionImports(services, deployer),
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
      inboundRefusals(services),
    ],
  }
}
