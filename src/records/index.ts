/** Records of a tenant, held in memory in step with their store: one revision, changes by compare-and-set. */
export * from './contracts.ts'
export * from './create-records.ts'
