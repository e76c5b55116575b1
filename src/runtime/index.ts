/** Runs what is deployed: deployments, the engine, schedules. */
export * from './ports.ts'
export { createProcessDirect, type ProcessDirectRegistry } from './process-direct.ts'
export { defaultLimits, type RecordLimits } from './recorder.ts'
export { createRuntime, type HttpRegistry, type Runtime } from './runtime.ts'
export { createScheduler } from './scheduler.ts'
export type { LogSink } from './deployed-flow.ts'
export type { SecretRead } from './secret-access.ts'
