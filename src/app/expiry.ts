import { join } from 'node:path'

import type { Clock, Log } from '../base/index.ts'
import {
  createAlerts,
  createExpiryCalendar,
  createRehearsal,
  identitySource,
  keystoreSource,
  logChannel,
  mailChannel,
  openAlertMemory,
  pgpSource,
  webhookChannel,
} from '../expiry/index.ts'
import type { Identity } from '../identity/index.ts'
import type { Keystore } from '../keystore/index.ts'
import type { Secrets, WhereUsed } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'
import { aliases } from './names.ts'

/** Everything of a tenant that expires, what breaks when it goes, and the alerts about it. */
export function createExpiry(given: {
  readonly identity: Identity
  readonly keystore: Keystore
  readonly secrets: Secrets
  readonly whereUsed: WhereUsed
  readonly settings: Settings
  /** Signs webhooks. */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly log: Log
}) {
  const { identity, keystore, secrets, whereUsed, settings, key, clock, log } = given
  const { alertWebhook, alertMail } = settings
  const expiry = createExpiryCalendar({
    clock,
    sources: [identitySource(identity), keystoreSource(keystore, [aliases.server]), pgpSource(secrets.pgp)],
  })
  const alerts = createAlerts({
    calendar: expiry,
    log,
    memory: openAlertMemory(join(settings.data, 'alerts.json')),
    channels: [
      logChannel(log),
      ...(alertWebhook ? [webhookChannel({ url: alertWebhook, key, clock })] : []),
      ...(alertMail ? [mailChannel(alertMail)] : []),
    ],
  })
  return { expiry, rehearse: createRehearsal({ calendar: expiry, identity, clock, whereUsed }), alerts }
}
