/** The management API: the OData services that clients of the original call, as a thin layer over the services. */
export * from './api.ts'
export { cloudFoundryRoot, createCloudFoundryApi } from './cloud-foundry/cloud-foundry-api.ts'
export { createOAuthRedirect, oauthRedirectPath } from './oauth-redirect.ts'
export { roleReference } from './role-reference.ts'
export { apiRoles } from './roles.ts'
export type { Addresses, ApiRequest, ApiResponse, Caller, ScriptSandbox, Services } from './services.ts'
export { statusOf } from './status.ts'
export type { Vault } from './vault.ts'
