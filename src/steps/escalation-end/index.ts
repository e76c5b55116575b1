/** Escalation End: ends the route and marks the message as escalated. */
export { escalatedWhileHandling, escalationEnd } from './escalation-end.ts'
