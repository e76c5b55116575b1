/** Message End: ends the route, after a call of the receiver where the event has one. */
export { messageEnd } from './message-end.ts'
