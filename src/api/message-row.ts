import type { MessageSummary } from '../monitor/index.ts'
import type { Row } from '../odata/index.ts'
import { runtimeTypes } from './deploy.ts'
import { orNull } from './row-values.ts'

/** A message as the message processing log shows it. What was never set is null. */
export const messageRow = (value: MessageSummary): Row => ({
  MessageGuid: value.id,
  CorrelationId: orNull(value.correlationId),
  PredecessorMessageGuid: orNull(value.predecessor),
  ApplicationMessageId: orNull(value.applicationId),
  ApplicationMessageType: orNull(value.applicationType),
  LogStart: value.start,
  LogEnd: value.end ?? null,
  LastChangeTime: BigInt(value.end ?? value.start),
  Sender: orNull(value.sender),
  Receiver: orNull(value.receiver),
  IntegrationFlowName: value.flowId,
  Status: value.status,
  AlternateWebLink: '',
  LogLevel: value.level,
  CustomStatus: value.customStatus === '' ? value.status : value.customStatus,
  ArchivingStatus: 'NOT_RELEVANT',
  TransactionId: null,
  PreviousComponentName: null,
  LocalComponentName: null,
  OriginComponentName: null,
  IntegrationArtifact: {
    Id: value.flowId,
    Name: value.flowName,
    Type: runtimeTypes.IntegrationFlow,
    PackageId: orNull(value.packageId),
    PackageName: null,
  },
})
