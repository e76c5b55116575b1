import type { RecordedStep } from '../../monitor/index.ts'
import { dateTime, type EntitySet, int32, type Row, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { orNull, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'
import { traceRow } from './trace-messages.ts'

export const runStepRow = (runId: string, step: RecordedStep, position: number): Row => ({
  RunId: runId,
  ChildCount: position,
  StepId: `${step.id}_${position}`,
  ModelStepId: step.id,
  BranchId: step.branch,
  Activity: step.name || step.type,
  Error: orNull(step.error ?? ''),
  Status: step.error === undefined ? 'COMPLETED' : 'FAILED',
  StepStart: step.start,
  StepStop: step.start + Math.round(step.micros / 1000),
})

/** The type of the properties of steps; they are reached through their step. */
export const messageProcessingLogRunStepProperties: EntitySet<Call> = {
  name: 'MessageProcessingLogRunStepProperties',
  type: {
    name: 'MessageProcessingLogRunStepProperty',
    key: ['RunId', 'ChildCount', 'Name'],
    properties: { RunId: text(), ChildCount: int32, Name: text(), Value: text() },
  },
}

/** Steps of runs, in the order in which they ended. */
export function messageProcessingLogRunSteps({ messages }: Services): EntitySet<Call> {
  async function stepOf(key: Row) {
    const message = await messages.find(textOf(key, 'RunId'))
    const step = message?.steps[Number(key.ChildCount)]
    return message && step ? { message, step, position: Number(key.ChildCount) } : undefined
  }
  return {
    name: 'MessageProcessingLogRunSteps',
    find: {
      requires: roles.monitor,
      run: async (key) => {
        const found = await stepOf(key)
        return found && runStepRow(found.message.id, found.step, found.position)
      },
    },
    type: {
      name: 'MessageProcessingLogRunStep',
      key: ['RunId', 'ChildCount'],
      properties: {
        RunId: text(),
        ChildCount: int32,
        StepId: text(),
        ModelStepId: text(),
        BranchId: text(),
        Activity: text(),
        Error: text(),
        Status: text(),
        StepStart: dateTime,
        StepStop: dateTime,
      },
      navigations: {
        RunStepProperties: {
          to: messageProcessingLogRunStepProperties.name,
          many: true,
          of: (parent) => ({
            list: {
              requires: roles.monitor,
              run: async () => {
                const step = (await stepOf(parent))?.step
                const facts = step ? { StepType: step.type, DurationInMicroseconds: String(step.micros) } : {}
                return Object.entries(facts).map(([Name, Value]) => ({
                  RunId: parent.RunId,
                  ChildCount: parent.ChildCount,
                  Name,
                  Value,
                }))
              },
            },
          }),
        },
        TraceMessages: {
          to: 'TraceMessages',
          many: true,
          of: (parent) => ({
            list: {
              requires: roles.readPayloads,
              run: async () => {
                const found = await stepOf(parent)
                return found?.step.trace ? [traceRow(found.message, found.step, found.position)] : []
              },
            },
          }),
        },
      },
    },
  }
}
