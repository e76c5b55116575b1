import { type EntitySet, type Navigation, text } from '../../odata/index.ts'
import type { DeploymentFault } from '../../runtime/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** The type of what is wrong with a deployment; it is reached through the deployment. */
export const runtimeArtifactErrorInformations: EntitySet<Call> = {
  name: 'RuntimeArtifactErrorInformations',
  type: { name: 'RuntimeArtifactErrorInformation', key: ['Id'], media: 'application/json', properties: { Id: text() } },
}

/** From a deployment to what is wrong with it; nothing is there while nothing is wrong. */
export const errorInformationOf = ({ deployments }: Services): Navigation<Call> => ({
  to: runtimeArtifactErrorInformations.name,
  many: false,
  of: (parent) => {
    const id = textOf(parent, 'Id')
    return {
      find: { requires: roles.followDeployment, run: async () => ({ Id: id }) },
      media: {
        requires: roles.followDeployment,
        run: async () => {
          const fault = (await deployments.find(id))?.fault
          return { content: fault ? JSON.stringify(errorOf(fault)) : '', contentType: 'application/json' }
        },
      },
    }
  },
})

/** The shape of the original, which clients read `parameter` from; `problems` says the same with remedies and places. */
const errorOf = ({ code, message, remedy, problems }: DeploymentFault) => ({
  message: {
    subsystemName: 'CONTENT',
    subsystemPartName: 'CONTENT_DEPLOY',
    messageId: code,
    messageText: `${message} ${remedy}`,
  },
  parameter:
    problems.length === 0
      ? [message]
      : problems.map((problem) => (problem.place === '' ? problem.message : `${problem.message} (${problem.place})`)),
  problems: problems.length === 0 ? [{ code, message, remedy, place: '' }] : problems,
})
