/** Keys: the envelope that seals what is secret, key pairs and certificates, the built-in CA. */
export * from './built-in-ca.ts'
export * from './certificates.ts'
export * from './distinguished-names.ts'
export * from './entries.ts'
export * from './master-key.ts'
export * from './ports.ts'
export { createSealer, deriveKey, newTenantKey, openTenantKey } from './seal.ts'
