/** Finds lent secrets in what is recorded of a message, in whatever form they turn up, and blots them out. */
export { createLentSecrets, mark } from './lent-secrets.ts'
