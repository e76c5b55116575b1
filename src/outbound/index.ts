/** Authentication at receivers: one table of profiles for every adapter of the HTTP family, and the tokens they work with. */
export { type Authentication, type AuthenticationSettings, openAuthentication } from './authentication.ts'
export type { Call, Proof } from './contracts.ts'
export { connectOptions } from './tls.ts'
export { type Answer, createHttpClient, type HttpClient, type Request, shownUrl, type Target } from './http-client.ts'
export { faults as httpFaults } from './http-faults.ts'
export { createScriptRequests, type ScriptRequests } from './script-requests.ts'
