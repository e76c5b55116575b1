import type { LogLevel } from '../../monitor/index.ts'
import { type Collection, type EntitySet, type Navigation, type Row, text } from '../../odata/index.ts'
import type { Deployment } from '../../runtime/index.ts'
import { faults } from '../faults.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const levels: readonly string[] = ['NONE', 'INFO', 'ERROR', 'DEBUG', 'TRACE'] satisfies readonly LogLevel[]

const row = ({ artifactId, logLevel }: Deployment): Row => ({ ArtifactId: artifactId, LogLevel: logLevel })

/** Reading and setting the level of one deployment. The key of a navigation is empty; its parent names the artifact. */
function level(
  { deployments, notify }: Services,
  idOf: (key: Row) => string,
): Pick<Collection<Call>, 'find' | 'update'> {
  return {
    find: {
      requires: roles.readLogLevel,
      run: async (key) => {
        const found = await deployments.find(idOf(key))
        return found && row(found)
      },
    },
    update: {
      requires: roles.editLogLevel,
      status: 202,
      run: async (key, body) => {
        const id = idOf(key)
        const asked = textOf(body, 'LogLevel').toUpperCase()
        if (!levels.includes(asked)) throw faults.levelInvalid({ level: textOf(body, 'LogLevel') })
        if (!(await deployments.setLogLevel(id, asked as LogLevel))) throw faults.notDeployed({ id })
        notify(id)
      },
    },
  }
}

/**
 * How much the message log keeps of each deployed flow. The original has this in its web interface only; here it is
 * `PUT LogConfigurations('<id>')` or `PUT IntegrationRuntimeArtifacts('<id>')/$links/LogLevel`, with `{"LogLevel":"TRACE"}`.
 */
export const logConfigurations = (services: Services): EntitySet<Call> => ({
  name: 'LogConfigurations',
  list: { requires: roles.readLogLevel, run: async () => (await services.deployments.list()).map(row) },
  ...level(services, (key) => textOf(key, 'ArtifactId')),
  type: { name: 'LogConfiguration', key: ['ArtifactId'], properties: { ArtifactId: text(), LogLevel: text() } },
})

/** From a deployment to its log level. */
export const logLevelOf = (services: Services): Navigation<Call> => ({
  to: 'LogConfigurations',
  many: false,
  of: (parent) => level(services, () => textOf(parent, 'Id')),
})
