/** What a client needs to call: key files, Postman collection, curl lines, in one zip. */
export * from './create-kit.ts'
export type { KitEndpoint } from './calls.ts'
