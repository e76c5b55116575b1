import type { Clock } from '../base/index.ts'
import { type Attachment, type Exchange, plainText } from '../message/index.ts'
import type { Caught, FlowFacts, LentSecrets, MessageLog, Node, Origin } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { LogLevel, MessageEnded, MessageStarted, MessageStatus, RecordedStep } from '../monitor/index.ts'
import {
  type KeptAttachment,
  keepAttachment,
  type KeptMessage,
  keepMessage,
  margin,
  sealAttachment,
  sealMessage,
} from './kept-content.ts'

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

/**
 * Collects what one message did, at its level, and makes the log entry of it. Contents are kept as they are until the
 * message ends; then every secret that was lent to it is blotted out, and the contents are sealed.
 */
export class Recorder implements MessageLog {
  readonly #context: RecorderContext
  readonly #level: LogLevel
  readonly #steps: OpenStep[] = []
  readonly #customHeaders: (readonly [string, string])[] = []
  readonly #properties: (readonly [string, string])[] = []
  readonly #attachments: KeptAttachment[] = []
  #traces: Map<OpenStep, KeptMessage> | undefined
  readonly #lent: LentSecrets
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
      lent: LentSecrets
    },
    context: RecorderContext,
  ) {
    this.#context = context
    this.#level = given.level
    this.#lent = given.lent
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
    const step: OpenStep = {
      id,
      name,
      type,
      start: clock.now(),
      micros: clock.monotonic(),
      branch: '',
      error: undefined,
      trace: undefined,
    }
    if (this.#level === 'TRACE') this.#trace(step, exchange)
    return step
  }

  leave(step: OpenStep, error?: string): void {
    if (this.#level === 'NONE' || this.#steps.length >= this.#context.limits.steps) return
    step.micros = Math.round((this.#context.clock.monotonic() - step.micros) * 1000)
    if (error !== undefined) step.error = error.slice(0, 2_000 + margin)
    this.#steps.push(step)
  }

  property(name: string, value: string): void {
    this.#properties.push([name, value])
  }

  customHeader(name: string, value: string): void {
    this.#customHeaders.push([name, value.slice(0, 500 + margin)])
  }

  attach(attachment: Attachment): void {
    const { limits } = this.#context
    if (this.#level === 'NONE' || this.#attachments.length >= limits.attachments) return
    const room = Math.max(Math.min(limits.attachment, limits.attachmentsTotal - this.#attached), 0)
    this.#attached += Math.min(attachment.body.length, room)
    this.#attachments.push(keepAttachment(attachment, room))
  }

  ended(exchange: Exchange, status: Exclude<MessageStatus, 'PROCESSING'>, caught: Caught | undefined): MessageEnded {
    const { headers, properties } = exchange
    return {
      event: 'ended',
      ...this.#first,
      correlationId: this.#first.correlationId,
      end: this.#context.clock.now(),
      status,
      // The original keeps the first 120 characters of these.
      sender: this.#short(headers.get('SAP_Sender')) || this.#first.sender,
      receiver: this.#short(headers.get('SAP_Receiver')),
      customStatus: this.#clean(plainText(properties.get('SAP_MessageProcessingLogCustomStatus') ?? ''), 40),
      applicationId: this.#short(headers.get('SAP_ApplicationID')),
      applicationType: this.#short(headers.get('SAP_MessageType')),
      predecessor: '',
      error: caught && {
        code: caught.code,
        message: this.#clean(caught.message, 10_000),
        className: this.#clean(caught.className),
        stepId: caught.stepId,
      },
      customHeaders: this.#customHeaders.map(([name, value]) => [this.#clean(name), this.#clean(value, 500)]),
      properties: this.#properties.map(([name, value]) => [this.#clean(name), this.#clean(value)]),
      attachments: this.#attachments.map((kept) => sealAttachment(kept, this.#lent, this.#context.sealer)),
      steps: this.#steps.map((step) => this.#closeStep(step)),
    }
  }

  #clean(text: string, room?: number): string {
    return this.#lent.redactText(text, room)
  }

  #short(value: unknown): string {
    return value === undefined || value === null ? '' : this.#clean(String(value), 120)
  }

  #trace(step: OpenStep, exchange: Exchange): void {
    const { limits } = this.#context
    const room = Math.min(limits.tracePayload, limits.traceMessage - this.#traced)
    if (room <= 0) return
    const kept = keepMessage(exchange, room)
    this.#traced += Math.min(kept.payloadSize, room)
    this.#traces ??= new Map()
    this.#traces.set(step, kept)
  }

  #closeStep(step: OpenStep): RecordedStep {
    const { limits, sealer, clock } = this.#context
    const kept = this.#traces?.get(step)
    if (step.error !== undefined) step.error = this.#clean(step.error, 2_000)
    if (kept === undefined) return step
    const expires = clock.now() + limits.traceLife
    step.trace = sealMessage(kept, this.#lent, { sealer, id: this.#first.id, expires })
    return step
  }
}
