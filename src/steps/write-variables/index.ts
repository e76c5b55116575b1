/** Write Variables: keeps values beyond the message, for this flow or for the tenant. */
export { writeVariables } from './write-variables.ts'
