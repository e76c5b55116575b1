import type { LogLevel, MessageEvent, MessageStatus, RecordedError, RecordedStep } from './records.ts'

/** Where in the journal a store has read up to: kept in the same transaction as what was read. */
export interface Checkpoint {
  readonly node: string
  readonly segment: number
  readonly offset: number
}

/** A message as the store gives it back, without steps and contents. */
export interface MessageSummary {
  readonly id: string
  readonly correlationId: string
  readonly flowId: string
  readonly flowName: string
  readonly packageId: string
  readonly start: number
  readonly end: number | undefined
  readonly level: LogLevel
  readonly status: MessageStatus
  readonly sender: string
  readonly receiver: string
  readonly principal: string
  readonly customStatus: string
  readonly applicationId: string
  readonly applicationType: string
  readonly predecessor: string
}

export interface MessageDetail extends MessageSummary {
  readonly error: RecordedError | undefined
  readonly customHeaders: readonly (readonly [string, string])[]
  readonly properties: readonly (readonly [string, string])[]
  readonly attachments: readonly { id: string; name: string; contentType: string; size: number }[]
  readonly steps: readonly RecordedStep[]
}

/** One comparison of a filter; filters are trees, so that any `$filter` over these fields becomes SQL. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | {
      readonly kind: 'compare'
      readonly field: keyof MessageSummary
      readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'startsWith' | 'endsWith'
      readonly value: string | number
    }

export interface Page {
  readonly skip: number
  readonly top: number
  readonly orderBy: readonly { readonly field: keyof MessageSummary; readonly descending: boolean }[]
}

/** What the monitor needs of a database. One tenant. */
export interface MessageLogStore {
  /** Applies a batch of the journal and moves the checkpoint, all or nothing. Applying a batch again changes nothing. */
  readonly apply: (events: readonly MessageEvent[], checkpoint: Checkpoint) => Promise<void>
  readonly checkpoint: (node: string) => Promise<Checkpoint | undefined>
  /** Marks as ABANDONED what a dead node left PROCESSING; returns how many. */
  readonly abandon: (node: string, end: number) => Promise<number>
  readonly list: (filter: Filter | undefined, page: Page) => Promise<readonly MessageSummary[]>
  readonly count: (filter: Filter | undefined) => Promise<number>
  readonly find: (id: string) => Promise<MessageDetail | undefined>
  readonly attachment: (
    id: string,
  ) => Promise<{ messageId: string; name: string; contentType: string; size: number; sealed: string } | undefined>
  /** Custom headers of all messages that match name and, if given, value. */
  readonly byCustomHeader: (
    name: string | undefined,
    value: string | undefined,
    page: Page,
  ) => Promise<readonly { id: string; name: string; value: string; messageId: string }[]>
  /** Deletes what ended before `before`, at most `limit` messages; returns how many. Expired traces lose their content. */
  readonly expire: (before: number, now: number, limit: number) => Promise<number>
}

/** A refused connection or call, for the administrator; the caller learns only the reference. */
export interface Refusal {
  readonly reference: string
  readonly time: number
  readonly remoteAddress: string
  readonly certificate:
    | { readonly fingerprint: string; readonly subject: string; readonly issuer: string; readonly validTo: string }
    | undefined
  readonly method: string
  readonly endpoint: string
  /** `tls`, `identity`, `role`, `csrf`, `size`, … : the row of the table of checks. */
  readonly stage: string
  readonly code: string
  readonly reason: string
  readonly remedy: string
  readonly status: number
}

/** A refusal as it is kept. */
export interface RecordedRefusal extends Refusal {
  /** How many refusals the record stands for; it tells of the first of them. */
  readonly times: number
}

export interface RefusalStore {
  /** Of a record that is there already only `times` is taken over, if it has grown. `times` is 1 when absent. */
  readonly add: (refusals: readonly (Refusal & { readonly times?: number })[]) => Promise<void>
  /** Newest first. */
  readonly list: (given: {
    readonly since?: number
    readonly reference?: string
    readonly top: number
  }) => Promise<readonly RecordedRefusal[]>
  /** Time of the refusal that has so many newer ones; undefined when there are not so many. */
  readonly timeOf: (newer: number) => Promise<number | undefined>
  /** Deletes what is older than `before`, at most `limit` records; returns how many. */
  readonly expire: (before: number, limit: number) => Promise<number>
}

/** What a module must export as `openMessageLog`, for the thread that keeps the log; `place` is copied to that thread. */
export type OpenMessageLog<Place> = (place: Place) => Promise<{
  readonly store: MessageLogStore
  readonly close: () => Promise<void>
}>
