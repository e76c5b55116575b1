/** Send: hands a copy of the message to a receiver and goes on with the message unchanged. */
export { send } from './send.ts'
