import { type EntitySet, type Navigation, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** The type of the errors of messages; one is reached through its message. */
export const messageProcessingLogErrorInformations: EntitySet<Call> = {
  name: 'MessageProcessingLogErrorInformations',
  type: {
    name: 'MessageProcessingLogErrorInformation',
    key: ['MessageGuid'],
    media: 'text/plain',
    properties: { MessageGuid: text(), Type: text(), LastErrorModelStepId: text() },
  },
}

/** From a message to its error. */
export const messageErrorOf = ({ messages }: Services): Navigation<Call> => ({
  to: messageProcessingLogErrorInformations.name,
  many: false,
  of: (parent) => {
    const id = textOf(parent, 'MessageGuid')
    return {
      find: {
        requires: roles.monitor,
        run: async () => {
          const error = (await messages.find(id))?.error
          return error && { MessageGuid: id, Type: error.className, LastErrorModelStepId: error.stepId }
        },
      },
      media: {
        requires: roles.monitor,
        run: async () => ({
          content: (await messages.find(id))?.error?.message ?? '',
          contentType: 'text/plain;charset=utf-8',
        }),
      },
    }
  },
})
