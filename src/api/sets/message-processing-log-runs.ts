import type { MessageDetail } from '../../monitor/index.ts'
import { dateTime, type EntitySet, type Navigation, type Row, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'
import { runStepRow } from './message-processing-log-run-steps.ts'

// A message has one run, which therefore has the id of the message.
const row = (message: MessageDetail): Row => ({
  Id: message.id,
  RunStart: message.start,
  RunStop: message.end ?? null,
  LogLevel: message.level,
  OverallState: message.status,
  ProcessId: message.flowId,
})

/** Runs of messages through their flows. */
export const messageProcessingLogRuns = ({ messages }: Services): EntitySet<Call> => ({
  name: 'MessageProcessingLogRuns',
  find: {
    requires: roles.monitor,
    run: async (key) => {
      const found = await messages.find(textOf(key, 'Id'))
      return found && row(found)
    },
  },
  type: {
    name: 'MessageProcessingLogRun',
    key: ['Id'],
    properties: {
      Id: text(),
      RunStart: dateTime,
      RunStop: dateTime,
      LogLevel: text(),
      OverallState: text(),
      ProcessId: text(),
    },
    navigations: {
      RunSteps: {
        to: 'MessageProcessingLogRunSteps',
        many: true,
        of: (parent) => ({
          list: {
            requires: roles.monitor,
            run: async () => {
              const message = await messages.find(textOf(parent, 'Id'))
              return (message?.steps ?? []).map((step, position) => runStepRow(textOf(parent, 'Id'), step, position))
            },
          },
        }),
      },
    },
  },
})

/** From a message to its runs. */
export const runsOf = ({ messages }: Services): Navigation<Call> => ({
  to: 'MessageProcessingLogRuns',
  many: true,
  of: (parent) => ({
    list: {
      requires: roles.monitor,
      run: async () => {
        const found = await messages.find(textOf(parent, 'MessageGuid'))
        return found ? [row(found)] : []
      },
    },
  }),
})
