import type { MessageEnded, MessageEvent, RecordedStep } from './records.ts'

/**
 * An event as a line of JSON. It says what `JSON.stringify` says, in a third of the time for the usual message: every
 * message pays for this before its answer goes out. What messages of a flow, and steps, say alike is made once.
 */
export function journalLine(event: MessageEvent): string {
  if (event.event === 'started') return JSON.stringify(event)
  const { id, correlationId, start, end, status } = event
  const quotedId = quoted(id)
  return (
    `{"event":"ended","id":${quotedId},"correlationId":${correlationId === id ? quotedId : quoted(correlationId)}` +
    `${alike(event)}${start},"end":${end},"status":"${status}","applicationId":${quoted(event.applicationId)}` +
    `,"predecessor":${quoted(event.predecessor)}${error(event)},"customHeaders":${list(event.customHeaders)}` +
    `,"properties":${list(event.properties)},"attachments":${list(event.attachments)},"steps":[${steps(event.steps)}]}`
  )
}

const error = ({ error }: MessageEnded): string => (error === undefined ? '' : `,"error":${JSON.stringify(error)}`)

const list = (values: readonly unknown[]): string => (values.length === 0 ? '[]' : JSON.stringify(values))

const plain = /^[\w .:@/+=-]*$/

const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text))

/** Names of flows and steps come again with every message. The bound keeps dynamic ones from filling memory. */
const mostKnown = 5_000
const longestKnown = 1_000

/** What the last message of a flow said, by the id of the flow: usually the next one says the same. */
const flows = new Map<string, { readonly of: Alike; readonly text: string }>()

type Alike = Pick<
  MessageEnded,
  | 'flowId'
  | 'flowName'
  | 'packageId'
  | 'level'
  | 'sender'
  | 'principal'
  | 'node'
  | 'receiver'
  | 'customStatus'
  | 'applicationType'
>

function alike(event: MessageEnded): string {
  const known = flows.get(event.flowId)
  if (known !== undefined && isAlike(known.of, event)) return known.text
  const { flowId, flowName, packageId, level, sender, principal, node, receiver, customStatus, applicationType } = event
  const said = { flowId, flowName, packageId, level, sender, principal, node, receiver, customStatus, applicationType }
  const text = `,${JSON.stringify(said).slice(1, -1)},"start":`
  if (text.length < longestKnown && (known !== undefined || flows.size < mostKnown))
    flows.set(flowId, { of: said, text })
  return text
}

const isAlike = (one: Alike, other: Alike): boolean =>
  one.principal === other.principal &&
  one.receiver === other.receiver &&
  one.sender === other.sender &&
  one.customStatus === other.customStatus &&
  one.applicationType === other.applicationType &&
  one.flowName === other.flowName &&
  one.packageId === other.packageId &&
  one.level === other.level &&
  one.node === other.node

/** What a step says alike each time, by its id. */
const known = new Map<
  string,
  { readonly name: string; readonly type: string; readonly branch: string; readonly text: string }
>()

function steps(all: readonly RecordedStep[]): string {
  let text = ''
  for (const step of all) text += text === '' ? stepText(step) : `,${stepText(step)}`
  return text
}

function stepText(step: RecordedStep): string {
  if (step.error !== undefined || step.trace !== undefined) return JSON.stringify(step)
  return `${beginning(step)}${step.start},"micros":${step.micros}}`
}

function beginning({ id, name, type, branch }: RecordedStep): string {
  const last = known.get(id)
  if (last !== undefined && last.name === name && last.type === type && last.branch === branch) return last.text
  const text = `${JSON.stringify({ id, name, type, branch }).slice(0, -1)},"start":`
  if (text.length < longestKnown && (last !== undefined || known.size < mostKnown))
    known.set(id, { name, type, branch, text })
  return text
}
