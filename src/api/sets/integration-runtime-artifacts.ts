import { dateTime, type EntitySet, type Row, text } from '../../odata/index.ts'
import type { Deployment } from '../../runtime/index.ts'
import { type Deployer, runtimeTypes } from '../deploy.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'
import { uploadedZip } from '../uploaded-zip.ts'
import { logLevelOf } from './log-configurations.ts'
import { errorInformationOf } from './runtime-artifact-error-informations.ts'

const row = (value: Deployment): Row => ({
  Id: value.artifactId,
  Version: value.version,
  Name: value.name,
  Type: runtimeTypes[value.type],
  DeployedBy: value.deployedBy,
  DeployedOn: value.deployedAt,
  Status: value.status,
})

/** What is deployed. */
export const integrationRuntimeArtifacts = (services: Services, deployer: Deployer): EntitySet<Call> => ({
  name: 'IntegrationRuntimeArtifacts',
  list: { requires: roles.followDeployment, run: async () => (await services.deployments.list()).map(row) },
  find: {
    requires: roles.followDeployment,
    run: async (key) => {
      const found = await services.deployments.find(textOf(key, 'Id'))
      return found && row(found)
    },
  },
  upload: {
    requires: roles.deploy,
    status: 202,
    run: async (body, contentType, { caller }) => ({
      text: await deployer.zip(uploadedZip(body, contentType), caller.name),
    }),
  },
  remove: { requires: roles.undeploy, status: 202, run: (key) => deployer.undeploy(textOf(key, 'Id')) },
  media: {
    requires: roles.followDeployment,
    run: async (key) => {
      const id = textOf(key, 'Id')
      const content = await services.deployments.content(id)
      return content && { content, contentType: 'application/zip', fileName: `${id}.zip` }
    },
  },
  type: {
    name: 'IntegrationRuntimeArtifact',
    key: ['Id'],
    media: 'application/zip',
    properties: {
      Id: text(),
      Version: text(),
      Name: text(),
      Type: text(),
      DeployedBy: text(),
      DeployedOn: dateTime,
      Status: text(),
    },
    navigations: { ErrorInformation: errorInformationOf(services), LogLevel: logLevelOf(services) },
  },
})
