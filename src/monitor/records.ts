/** The message processing log as data: what the engine writes, what a store keeps, what the API shows. */

export type LogLevel = 'NONE' | 'INFO' | 'ERROR' | 'DEBUG' | 'TRACE'

export type MessageStatus =
  | 'PROCESSING'
  | 'COMPLETED'
  | 'FAILED'
  | 'RETRY'
  | 'ESCALATED'
  | 'CANCELLED'
  | 'ABANDONED'
  | 'DISCARDED'

/** First entry of a message: written as soon as it waits for anything. */
export interface MessageStarted {
  readonly event: 'started'
  readonly id: string
  readonly correlationId: string
  readonly flowId: string
  readonly flowName: string
  readonly packageId: string
  /** Milliseconds since 1970. */
  readonly start: number
  readonly level: LogLevel
  readonly sender: string
  readonly principal: string
  /** Id of the process that runs the message; what it leaves unfinished when it dies becomes ABANDONED. */
  readonly node: string
}

/** Last entry of a message; complete in itself, so that a message that never waited needs no first entry. */
export interface MessageEnded extends Omit<MessageStarted, 'event'> {
  readonly event: 'ended'
  readonly end: number
  readonly status: Exclude<MessageStatus, 'PROCESSING'>
  readonly receiver: string
  readonly customStatus: string
  readonly applicationId: string
  readonly applicationType: string
  readonly predecessor: string
  readonly error: RecordedError | undefined
  readonly customHeaders: readonly (readonly [name: string, value: string])[]
  /** String properties that scripts set. */
  readonly properties: readonly (readonly [name: string, value: string])[]
  readonly attachments: readonly RecordedAttachment[]
  readonly steps: readonly RecordedStep[]
}

export interface RecordedError {
  readonly code: string
  readonly message: string
  readonly className: string
  /** Id of the model element that failed. */
  readonly stepId: string
}

export interface RecordedAttachment {
  readonly id: string
  readonly name: string
  readonly contentType: string
  readonly size: number
  /** Base64 of the content, sealed under the tenant's key. */
  readonly sealed: string
}

export interface RecordedStep {
  /** Id of the model element, its name and its type. */
  readonly id: string
  readonly name: string
  readonly type: string
  /** Milliseconds since 1970, and how long it took in microseconds. */
  readonly start: number
  readonly micros: number
  readonly branch: string
  readonly error: string | undefined
  readonly trace: RecordedTrace | undefined
}

/** The message as it was before the step, at level Trace. */
export interface RecordedTrace {
  readonly payloadSize: number
  readonly mimeType: string
  /** Base64 of JSON `{headers, properties, payload}` (payload base64, cut at the limit), sealed. */
  readonly sealed: string
  readonly truncated: boolean
  readonly expires: number
}

export type MessageEvent = MessageStarted | MessageEnded
