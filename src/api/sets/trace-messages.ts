import type { MessageSummary, RecordedStep } from '../../monitor/index.ts'
import { type EntitySet, int64, type Navigation, type Row, text } from '../../odata/index.ts'
import { findTrace, openTrace, type TraceContent, traceId } from '../message-traces.ts'
import { roles } from '../roles.ts'
import { safeContentType } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

export const traceRow = (message: Pick<MessageSummary, 'id' | 'start'>, step: RecordedStep, position: number): Row => ({
  TraceId: traceId(message, position),
  MplId: message.id,
  RunId: message.id,
  ModelStepId: step.id,
  PayloadSize: BigInt(step.trace?.payloadSize ?? 0),
  MimeType: step.trace?.mimeType ?? null,
})

/** A type of named values of a trace; they are reached through their trace. */
const valuesSet = (name: string, type: string): EntitySet<Call> => ({
  name,
  type: { name: type, key: ['TraceId', 'Name'], properties: { TraceId: int64, Name: text(), Value: text() } },
})

export const traceMessageProperties = valuesSet('TraceMessageProperties', 'TraceMessageProperty')
export const traceMessageExchangeProperties = valuesSet(
  'TraceMessageExchangeProperties',
  'TraceMessageExchangeProperty',
)

/** What messages were before the steps of a flow that logs at level TRACE. */
export function traceMessages({ messages, sealer }: Services): EntitySet<Call> {
  async function contentOf(row: Row) {
    const found = await findTrace(messages, row.TraceId as bigint)
    const content = found && openTrace(sealer, found)
    return content && { found, content }
  }

  const values = (
    set: EntitySet<Call>,
    part: (content: TraceContent) => Readonly<Record<string, string>>,
  ): Navigation<Call> => ({
    to: set.name,
    many: true,
    of: (parent) => ({
      list: {
        requires: roles.readPayloads,
        run: async () => {
          const opened = await contentOf(parent)
          return opened
            ? Object.entries(part(opened.content)).map(([Name, Value]) => ({ TraceId: parent.TraceId, Name, Value }))
            : []
        },
      },
    }),
  })

  return {
    name: 'TraceMessages',
    find: {
      requires: roles.readPayloads,
      run: async (key) => {
        const found = await findTrace(messages, key.TraceId as bigint)
        const message = found && (await messages.find(found.messageId))
        return message && traceRow(message, found.step, found.position)
      },
    },
    media: {
      requires: roles.readPayloads,
      run: async (key) => {
        const opened = await contentOf(key)
        return (
          opened && {
            content: opened.content.payload,
            contentType: safeContentType(opened.found.step.trace?.mimeType ?? ''),
          }
        )
      },
    },
    type: {
      name: 'TraceMessage',
      key: ['TraceId'],
      media: 'application/octet-stream',
      properties: {
        TraceId: int64,
        MplId: text(),
        RunId: text(),
        ModelStepId: text(),
        PayloadSize: int64,
        MimeType: text(),
      },
      navigations: {
        Properties: values(traceMessageProperties, ({ headers }) => headers),
        ExchangeProperties: values(traceMessageExchangeProperties, ({ properties }) => properties),
      },
    },
  }
}
