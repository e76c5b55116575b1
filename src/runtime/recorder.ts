import { type Clock, hexId } from '../base/index.ts'
import type { Attachment, Exchange } from '../message/index.ts'
import type { Caught, FlowFacts, MessageLog, Node, Origin } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type {
  LogLevel,
  MessageEnded,
  MessageStarted,
  MessageStatus,
  RecordedAttachment,
  RecordedStep,
  RecordedTrace,
} from '../monitor/index.ts'

/** Bounds of what a message's log entry may hold; what is over is cut, and says so. */
export interface RecordLimits {
  /** Bytes of payload kept for each traced step. */
  readonly tracePayload: number
  /** Bytes of payload kept for all steps of a message. */
  readonly traceMessage: number
  /** Milliseconds a trace is kept. */
  readonly traceLife: number
  readonly steps: number
  /** Bytes of an attachment, and how many a message may have. */
  readonly attachment: number
  readonly attachments: number
  /** Bytes of all attachments of a message together. */
  readonly attachmentsTotal: number
}

export const defaultLimits: RecordLimits = {
  tracePayload: 1_000_000,
  traceMessage: 5_000_000,
  traceLife: 24 * 3_600_000,
  steps: 2_000,
  attachment: 10_000_000,
  attachments: 200,
  attachmentsTotal: 10_000_000,
}

export interface RecorderContext {
  readonly clock: Clock
  readonly sealer: Sealer
  readonly node: string
  readonly limits: RecordLimits
}

/** A step that has not ended: `micros` holds when it began, on the monotonic clock in milliseconds. */
export type OpenStep = { -readonly [Key in keyof RecordedStep]: RecordedStep[Key] }

// Headers that hold credentials are never kept, whatever a flow puts into them.
const secretHeaders = /^(authorization|proxy-authorization|cookie|set-cookie|x-csrf-token|apikey|x-api-key)$/i

/** Collects what one message did, at its level, and makes the log entry of it. */
export class Recorder implements MessageLog {
  readonly #context: RecorderContext
  readonly #level: LogLevel
  readonly #steps: RecordedStep[] = []
  readonly #customHeaders: (readonly [string, string])[] = []
  readonly #properties: (readonly [string, string])[] = []
  readonly #attachments: RecordedAttachment[] = []
  readonly #first: Omit<MessageStarted, 'event'>
  /** Bytes of payloads and of attachments kept so far. */
  #traced = 0
  #attached = 0

  constructor(
    given: {
      id: string
      correlationId: string
      flow: FlowFacts
      packageId: string
      level: LogLevel
      origin: Origin
      start: number
    },
    context: RecorderContext,
  ) {
    this.#context = context
    this.#level = given.level
    this.#first = {
      id: given.id,
      correlationId: given.correlationId,
      flowId: given.flow.id,
      flowName: given.flow.name,
      packageId: given.packageId,
      start: given.start,
      level: given.level,
      sender: given.origin.sender,
      principal: given.origin.principal?.name ?? '',
      node: context.node,
    }
  }

  get active(): boolean {
    return this.#level !== 'NONE'
  }

  started(): MessageStarted {
    return { event: 'started', ...this.#first }
  }

  enter({ id, name, type }: Node, exchange: Exchange): OpenStep {
    const { clock } = this.#context
    const trace = this.#level === 'TRACE' ? this.#trace(exchange) : undefined
    return { id, name, type, start: clock.now(), micros: clock.monotonic(), branch: '', error: undefined, trace }
  }

  leave(step: OpenStep, error?: string): void {
    if (this.#level === 'NONE' || this.#steps.length >= this.#context.limits.steps) return
    step.micros = Math.round((this.#context.clock.monotonic() - step.micros) * 1000)
    if (error !== undefined) step.error = error
    this.#steps.push(step)
  }

  property(name: string, value: string): void {
    this.#properties.push([name, value])
  }

  customHeader(name: string, value: string): void {
    this.#customHeaders.push([name, value.slice(0, 500)])
  }

  attach(attachment: Attachment): void {
    const { limits, sealer } = this.#context
    if (this.#level === 'NONE' || this.#attachments.length >= limits.attachments) return
    const id = hexId()
    const room = Math.min(limits.attachment, limits.attachmentsTotal - this.#attached)
    const bytes = attachment.body.bytes().subarray(0, Math.max(room, 0))
    this.#attached += bytes.length
    this.#attachments.push({
      id,
      name: attachment.name,
      contentType: attachment.contentType,
      size: bytes.length,
      sealed: sealer.seal(bytes, `attachment:${id}`),
    })
  }

  ended(exchange: Exchange, status: Exclude<MessageStatus, 'PROCESSING'>, caught: Caught | undefined): MessageEnded {
    const { headers, properties } = exchange
    return {
      event: 'ended',
      ...this.#first,
      correlationId: this.#first.correlationId,
      end: this.#context.clock.now(),
      status,
      sender: short(headers.get('SAP_Sender')) || this.#first.sender,
      receiver: short(headers.get('SAP_Receiver')),
      customStatus: String(properties.get('SAP_MessageProcessingLogCustomStatus') ?? '').slice(0, 40),
      applicationId: short(headers.get('SAP_ApplicationID')),
      applicationType: short(headers.get('SAP_MessageType')),
      predecessor: '',
      error: caught && {
        code: caught.code,
        message: caught.message.slice(0, 10_000),
        className: caught.className,
        stepId: caught.stepId,
      },
      customHeaders: this.#customHeaders,
      properties: this.#properties,
      attachments: this.#attachments,
      steps: this.#steps,
    }
  }

  #trace(exchange: Exchange): RecordedTrace | undefined {
    const { limits, sealer, clock } = this.#context
    const payload = exchange.body.bytes()
    const room = Math.min(limits.tracePayload, limits.traceMessage - this.#traced)
    if (room <= 0) return undefined
    const kept = payload.subarray(0, room)
    this.#traced += kept.length
    const content = JSON.stringify({
      headers: shown(exchange.headers),
      properties: shown(exchange.properties),
      payload: kept.toString('base64'),
    })
    return {
      payloadSize: payload.length,
      mimeType: exchange.headers.text('Content-Type') ?? 'text/plain',
      sealed: sealer.seal(Buffer.from(content), `trace:${this.#first.id}`),
      truncated: kept.length < payload.length,
      expires: clock.now() + limits.traceLife,
    }
  }
}

/** The original keeps the first 120 characters of these. */
const short = (value: unknown): string => (value === undefined || value === null ? '' : String(value).slice(0, 120))

const shown = (entries: Iterable<readonly [string, unknown]>): Record<string, string> =>
  Object.fromEntries(
    [...entries].map(([name, value]) => [
      name,
      secretHeaders.test(name) ? '(hidden)' : String(value ?? '').slice(0, 10_000),
    ]),
  )
