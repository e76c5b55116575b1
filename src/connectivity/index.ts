/** Connectivity tests: whether this tenant reaches and trusts a server, and if not, why and what to do. */
export { certificatesZip } from './certificates-zip.ts'
export { connectivityTests } from './connectivity-tests.ts'
export * from './contracts.ts'
export { createConnectivity } from './create-connectivity.ts'
export { createReach } from './reach.ts'
export { systemResolve } from './system-resolve.ts'
export { createTestGate, type TestGate } from './test-gate.ts'
