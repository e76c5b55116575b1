/** Who may call: user roles, users, service instances with their keys, certificates, what is trusted, policies. */
export * from './contracts.ts'
export { faults as identityFaults } from './faults.ts'
export * from './identity.ts'
export { hashPassword, verifyPassword } from './passwords.ts'
export * from './ports.ts'
export * from './records.ts'
export * from './service-key-document.ts'
