/** Who may call: service instances, their keys and certificates, roles. */
export * from './identity.ts'
export type { Identified } from './look-up.ts'
export * from './ports.ts'
export type { InstanceRequest, KeyRequest } from './requests.ts'
export * from './service-key-document.ts'
