/** The management API: the OData services that clients of the original call, as a thin layer over the services. */
export * from './api.ts'
export { apiRoles } from './roles.ts'
export type { ApiRequest, ApiResponse, Caller, Services } from './services.ts'
export { statusOf } from './status.ts'
