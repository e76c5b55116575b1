import { dateTime, type EntitySet, type Row, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** The type of addresses; they are reached through their endpoint. */
export const entryPoints: EntitySet<Call> = {
  name: 'EntryPoints',
  type: {
    name: 'EntryPoint',
    key: ['Name'],
    properties: { Name: text(), Url: text(), Type: text(), AdditionalInformation: text() },
  },
}

/** The type of descriptions of an interface. Sluice makes none yet. */
export const apiDefinitions: EntitySet<Call> = {
  name: 'APIDefinitions',
  type: { name: 'APIDefinition', key: ['Url'], properties: { Url: text(), Name: text() } },
}

/** The addresses under which flows can be called. */
export function serviceEndpoints({ deployments, addresses }: Services): EntitySet<Call> {
  async function list(): Promise<readonly Row[]> {
    const deployed = new Map((await deployments.list()).map((deployment) => [deployment.artifactId, deployment]))
    return (await deployments.endpoints()).flatMap(({ artifactId, protocol, path }) => {
      const deployment = deployed.get(artifactId)
      return deployment
        ? [
            {
              Name: artifactId,
              Id: `${artifactId}$endpointAddress=${path}`,
              Title: deployment.name,
              Version: deployment.version,
              Summary: '',
              Description: '',
              LastUpdated: deployment.deployedAt,
              Protocol: protocol,
              Path: path,
            },
          ]
        : []
    })
  }
  return {
    name: 'ServiceEndpoints',
    list: { requires: roles.followDeployment, run: list },
    type: {
      name: 'ServiceEndpoint',
      key: ['Id'],
      properties: {
        Name: text(),
        Id: text(),
        Title: text(),
        Version: text(),
        Summary: text(),
        Description: text(),
        LastUpdated: dateTime,
        Protocol: text(),
      },
      navigations: {
        EntryPoints: {
          to: entryPoints.name,
          many: true,
          of: (parent) => ({
            list: {
              requires: roles.followDeployment,
              run: async () => [
                {
                  Name: textOf(parent, 'Title'),
                  Url: addresses.runtimeUrl + textOf(parent, 'Path'),
                  Type: 'PROD',
                  AdditionalInformation: '',
                },
              ],
            },
          }),
        },
        ApiDefinitions: {
          to: apiDefinitions.name,
          many: true,
          of: () => ({ list: { requires: roles.followDeployment, run: async () => [] } }),
        },
      },
    },
  }
}
