import { dateTime, type EntitySet, flag, type Navigation, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import type { Call } from '../services.ts'

/*
 * Parts of the message log of the original that Sluice has nothing to fill with yet. They are there and empty, because
 * clients read them of every message.
 */

export const messageStoreEntries: EntitySet<Call> = {
  name: 'MessageStoreEntries',
  find: { requires: roles.readPayloads, run: async () => undefined },
  type: {
    name: 'MessageStoreEntry',
    key: ['Id'],
    media: 'application/octet-stream',
    properties: { Id: text(), MessageGuid: text(), MessageStoreId: text(), TimeStamp: dateTime, HasAttachments: flag },
  },
}

export const adapterAttributes: EntitySet<Call> = {
  name: 'MessageProcessingLogAdapterAttributes',
  type: {
    name: 'MessageProcessingLogAdapterAttribute',
    key: ['Id'],
    properties: { Id: text(), AdapterId: text(), AdapterMessageId: text(), Name: text(), Value: text() },
  },
}

const nothingOf = (set: EntitySet<Call>): Navigation<Call> => ({
  to: set.name,
  many: true,
  of: () => ({ list: { requires: roles.monitor, run: async () => [] } }),
})

export const messageStoreEntriesOf = nothingOf(messageStoreEntries)
export const adapterAttributesOf = nothingOf(adapterAttributes)
