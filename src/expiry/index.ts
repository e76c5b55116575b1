/** What ends when: the calendar of everything that expires, alerts before it does, and what breaks if it goes away. */
export { type AlertChannel, type Alerts, createAlerts, logChannel } from './alerts.ts'
export { type AlertMemory, openAlertMemory } from './alert-memory.ts'
export { createExpiryCalendar, soonestByKind } from './calendar.ts'
export type * from './contracts.ts'
export { mailChannel } from './mail.ts'
export { createRehearsal } from './rehearse.ts'
export { identitySource, keystoreSource, pgpSource } from './sources.ts'
export { webhookChannel } from './webhook.ts'
