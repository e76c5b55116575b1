/** Process Call: runs a local process on the message, once or in a loop. */
export { processCall } from './process-call.ts'
