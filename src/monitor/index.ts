/** What happened: the message processing log and its journal, traces, refusals, metrics. */
export { createIngest, type Ingest } from './ingest.ts'
export { createJournal, type Journal } from './journal.ts'
export * from './ports.ts'
export * from './records.ts'
export { createRefusalLog, type RefusalLog } from './refusals.ts'
export { createRetention, type Retention } from './retention.ts'
