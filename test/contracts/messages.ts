import type { MessageEnded, MessageEvent, MessageStarted, RecordedStep } from '../../src/monitor/index.ts'

/** The first entry of a message, as a test wants it. */
export const started = (id: string, given: Partial<MessageStarted> = {}): MessageStarted => ({
  event: 'started',
  id,
  correlationId: `corr-${id}`,
  flowId: 'Orders',
  flowName: 'Orders to ERP',
  packageId: 'Sales',
  start: 1_000,
  level: 'INFO',
  sender: 'Shop',
  principal: 'client-1',
  node: 'node-1',
  ...given,
})

/** The last entry of a message, as a test wants it. */
export const ended = (id: string, given: Partial<MessageEnded> = {}): MessageEnded => ({
  ...started(id),
  event: 'ended',
  end: 1_500,
  status: 'COMPLETED',
  receiver: 'ERP',
  customStatus: '',
  applicationId: '',
  applicationType: '',
  predecessor: '',
  error: undefined,
  customHeaders: [],
  properties: [],
  attachments: [],
  steps: [],
  ...given,
})

export const step = (id: string, given: Partial<RecordedStep> = {}): RecordedStep => ({
  id,
  name: `Step ${id}`,
  type: 'Enricher',
  start: 1_001,
  micros: 42,
  branch: '',
  error: undefined,
  trace: undefined,
  ...given,
})

export const idsOf = (events: readonly (MessageEvent | { readonly id: string })[]): string[] =>
  events.map(({ id }) => id)
