/** Words that all rooms share: faults, time, ids, the log. */
export * from './clock.ts'
export * from './fault.ts'
export * from './ids.ts'
export * from './log.ts'
