import { type EntitySet, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** How deployments go, by the id of their task. */
export const buildAndDeployStatus = ({ deployments }: Services): EntitySet<Call> => ({
  name: 'BuildAndDeployStatus',
  find: {
    requires: roles.followDeployment,
    run: async (key) => {
      const task = await deployments.task(textOf(key, 'TaskId'))
      return task && { TaskId: task.taskId, Status: task.status }
    },
  },
  type: { name: 'BuildAndDeployStatus', key: ['TaskId'], properties: { TaskId: text(), Status: text() } },
})
