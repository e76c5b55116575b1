import type { MessageDetail, MessageEnded, MessageEvent, RecordedStep, RecordedTrace } from '../monitor/index.ts'
import { replaceNul } from './nul.ts'

/** What a message holds beside its columns, as JSON: nothing of it is searched. */
interface Detail {
  readonly error?: MessageDetail['error']
  readonly properties: MessageDetail['properties']
  readonly attachments: MessageDetail['attachments']
  readonly steps: readonly StoredStep[]
}

type StoredStep = Omit<RecordedStep, 'error' | 'trace'> & {
  readonly error?: string
  readonly trace?: Omit<RecordedTrace, 'sealed'>
}

// An index of PostgreSQL takes entries of up to 2,700 bytes; a character has up to four.
const indexedLength = 500
const headerNameLength = 198
const headerValueLength = 500

export const messageColumns = [
  'id',
  'correlation_id',
  'flow_id',
  'flow_name',
  'package_id',
  'start',
  'end',
  'level',
  'status',
  'sender',
  'receiver',
  'principal',
  'custom_status',
  'application_id',
  'application_type',
  'predecessor',
  'node',
  'detail',
] as const

const emptyDetail = JSON.stringify({ properties: [], attachments: [], steps: [] } satisfies Detail)

const cut = (text: string, length: number): string => replaceNul(text.length > length ? text.slice(0, length) : text)

function json(value: Detail): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\u0000')) return text
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? replaceNul(part) : part))
}

const withoutContent = (step: RecordedStep): object => {
  if (step.trace === undefined) return step
  const { sealed: _, ...trace } = step.trace
  return { ...step, trace }
}

function detailOf(event: MessageEnded): string {
  const traced = event.steps.some((step) => step.trace !== undefined)
  return json({
    ...(event.error && { error: event.error }),
    properties: event.properties,
    attachments: event.attachments.map(({ id, name, contentType, size }) => ({ id, name, contentType, size })),
    steps: (traced ? event.steps.map(withoutContent) : event.steps) as readonly StoredStep[],
  })
}

/** The values of `messageColumns` for an event. */
export function messageRow(event: MessageEvent): readonly unknown[] {
  const ended = event.event === 'ended' ? event : undefined
  return [
    event.id,
    cut(event.correlationId, indexedLength),
    event.flowId,
    replaceNul(event.flowName),
    event.packageId,
    event.start,
    ended?.end ?? null,
    event.level,
    ended?.status ?? 'PROCESSING',
    replaceNul(event.sender),
    replaceNul(ended?.receiver ?? ''),
    replaceNul(event.principal),
    replaceNul(ended?.customStatus ?? ''),
    cut(ended?.applicationId ?? '', indexedLength),
    replaceNul(ended?.applicationType ?? ''),
    replaceNul(ended?.predecessor ?? ''),
    event.node,
    ended ? detailOf(ended) : emptyDetail,
  ]
}

export const headerColumns = ['message_id', 'position', 'name', 'value'] as const

/** Names are kept up to 198 characters, values up to 500: what an index can take. */
export const headerRows = ({ id, customHeaders }: MessageEnded): readonly (readonly unknown[])[] =>
  customHeaders.map(([name, value], position) => [
    id,
    position,
    cut(name, headerNameLength),
    cut(value, headerValueLength),
  ])

export const attachmentColumns = ['id', 'message_id', 'name', 'content_type', 'size', 'sealed'] as const

export const attachmentRows = (event: MessageEnded): readonly (readonly unknown[])[] =>
  event.attachments.map(({ id, name, contentType, size, sealed }) => [
    id,
    event.id,
    replaceNul(name),
    replaceNul(contentType),
    size,
    sealed,
  ])

export const traceColumns = ['message_id', 'position', 'sealed', 'expires'] as const

export const traceRows = ({ id, steps }: MessageEnded): readonly (readonly unknown[])[] =>
  steps.flatMap(({ trace }, position) => (trace ? [[id, position, trace.sealed, trace.expires]] : []))

/** Reads a detail back; contents of traces that are gone have an empty `sealed`. */
export function readDetail(
  detail: string,
  contents: ReadonlyMap<number, string>,
): Pick<MessageDetail, 'error' | 'properties' | 'attachments' | 'steps'> {
  const { error, properties, attachments, steps } = JSON.parse(detail) as Detail
  return {
    error,
    properties,
    attachments,
    steps: steps.map((step, position) => ({
      ...step,
      error: step.error,
      trace: step.trace && { ...step.trace, sealed: contents.get(position) ?? '' },
    })),
  }
}
