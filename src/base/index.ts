/** Words that all rooms share: faults, time, ids, the log, maps that forget. */
export * from './bounded-map.ts'
export * from './clock.ts'
export * from './compact-memory.ts'
export * from './fault.ts'
export * from './ids.ts'
export * from './log.ts'
