/** Security material: credentials sealed at rest, lent for the time of a call. */
export * from './ports.ts'
export {
  type ChangedCredential,
  createSecrets,
  type GivenCredential,
  type Secrets,
  type ShownCredential,
} from './secrets.ts'
