/** The OData version 2 protocol: addresses, query options, payloads and metadata. It knows no entity. */
export * from './edm.ts'
export * from './entity-set.ts'
export { faults as odataFaults } from './faults.ts'
export * from './payload/error-payload.ts'
export * from './payload/format.ts'
export * from './query/filter-tree.ts'
export * from './query/query-options.ts'
export * from './service.ts'
