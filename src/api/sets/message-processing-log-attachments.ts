import { dateTime, type EntitySet, int64, type Navigation, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { safeContentType, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** Attachments that scripts put into the log; their content is opened for those who may read payloads. */
export const messageProcessingLogAttachments = ({ messages, sealer }: Services): EntitySet<Call> => ({
  name: 'MessageProcessingLogAttachments',
  find: {
    requires: roles.monitor,
    run: async (key) => {
      const id = textOf(key, 'Id')
      const found = await messages.attachment(id)
      return (
        found && {
          Id: id,
          MessageGuid: found.messageId,
          TimeStamp: (await messages.find(found.messageId))?.start ?? null,
          Name: found.name,
          ContentType: found.contentType,
          PayloadSize: BigInt(found.size),
        }
      )
    },
  },
  media: {
    requires: roles.readPayloads,
    run: async (key) => {
      const id = textOf(key, 'Id')
      const found = await messages.attachment(id)
      return (
        found && {
          content: sealer.open(found.sealed, `attachment:${id}`),
          contentType: safeContentType(found.contentType),
          fileName: found.name,
        }
      )
    },
  },
  type: {
    name: 'MessageProcessingLogAttachment',
    key: ['Id'],
    media: 'application/octet-stream',
    properties: {
      Id: text(),
      MessageGuid: text(),
      TimeStamp: dateTime,
      Name: text(),
      ContentType: text(),
      PayloadSize: int64,
    },
  },
})

/** From a message to its attachments. */
export const attachmentsOf = ({ messages }: Services): Navigation<Call> => ({
  to: 'MessageProcessingLogAttachments',
  many: true,
  of: (parent) => ({
    list: {
      requires: roles.monitor,
      run: async () => {
        const message = await messages.find(textOf(parent, 'MessageGuid'))
        return (message?.attachments ?? []).map(({ id, name, contentType, size }) => ({
          Id: id,
          MessageGuid: message?.id,
          TimeStamp: message?.start,
          Name: name,
          ContentType: contentType,
          PayloadSize: BigInt(size),
        }))
      },
    },
  }),
})
