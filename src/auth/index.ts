/** The authorization server (OAuth 2): tokens for service instances and their users, and whether a token counts. */
export { type AuthorizationServer, createAuthorizationServer, type Peer } from './authorization-server.ts'
export { certificateJudge, type JudgeCertificate } from './judge-certificate.ts'
export * from './ports.ts'
export { createRevocations, type Revocations } from './revocations.ts'
export { createSigningKeys, type SigningKeys } from './signing-keys.ts'
export { createTokenVerifier, type RunningTokenVerifier } from './token-verifier.ts'
export { addressesOf, type ServerAddresses } from './addresses.ts'
