/** Terminate End: ends the message at once, whichever process it is in. */
export { terminateEnd } from './terminate-end.ts'
