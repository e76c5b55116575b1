import { complex, dateTime, type EntitySet, int64, text } from '../../odata/index.ts'
import { messageFilter, messageOrder } from '../message-filter.ts'
import { messageRow } from '../message-row.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'
import { adapterAttributesOf, messageStoreEntriesOf } from './message-parts.ts'
import { attachmentsOf } from './message-processing-log-attachments.ts'
import { customHeadersOf } from './message-processing-log-custom-header-properties.ts'
import { messageErrorOf } from './message-processing-log-error-informations.ts'
import { runsOf } from './message-processing-log-runs.ts'

/** The message processing log. */
export const messageProcessingLogs = (services: Services): EntitySet<Call> => ({
  name: 'MessageProcessingLogs',
  query: {
    requires: roles.monitor,
    pageSize: 1000,
    run: async ({ query, skip, top }) => {
      const filter = query.filter && messageFilter(query.filter)
      return (await services.messages.list(filter, { skip, top, orderBy: messageOrder(query.orderBy) })).map(messageRow)
    },
    count: (filter) => services.messages.count(filter && messageFilter(filter)),
  },
  find: {
    requires: roles.monitor,
    run: async (key) => {
      const found = await services.messages.find(textOf(key, 'MessageGuid'))
      return found && messageRow(found)
    },
  },
  type: {
    name: 'MessageProcessingLog',
    key: ['MessageGuid'],
    properties: {
      MessageGuid: text(),
      CorrelationId: text(),
      PredecessorMessageGuid: text(),
      ApplicationMessageId: text(),
      ApplicationMessageType: text(),
      LogStart: dateTime,
      LogEnd: dateTime,
      LastChangeTime: int64,
      Sender: text(),
      Receiver: text(),
      IntegrationFlowName: text(),
      Status: text(),
      AlternateWebLink: text(),
      LogLevel: text(),
      CustomStatus: text(),
      ArchivingStatus: text(),
      TransactionId: text(),
      PreviousComponentName: text(),
      LocalComponentName: text(),
      OriginComponentName: text(),
      IntegrationArtifact: complex('IntegrationArtifact', {
        Id: text(),
        Name: text(),
        Type: text(),
        PackageId: text(),
        PackageName: text(),
      }),
    },
    navigations: {
      CustomHeaderProperties: customHeadersOf(services),
      MessageStoreEntries: messageStoreEntriesOf,
      ErrorInformation: messageErrorOf(services),
      AdapterAttributes: adapterAttributesOf,
      Attachments: attachmentsOf(services),
      Runs: runsOf(services),
    },
  },
})
