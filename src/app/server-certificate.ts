import { hostname } from 'node:os'

import type { Clock, Log } from '../base/index.ts'
import { type Keystore, openBuiltInCa, pemOf } from '../keystore/index.ts'
import type { Settings } from '../settings/index.ts'
import { aliases } from './names.ts'

const soon = 30 * 86_400_000

/** A certificate of the built-in CA for the names of this host. */
export async function issueServerCertificate(keystore: Keystore, settings: Settings, clock: Clock) {
  const { chain, key } = await keystore.lend(aliases.ca)
  const ca = openBuiltInCa({ certificate: chain, key: pemOf(key), clock })
  return ca.issueServer({ hostNames: [hostname(), ...settings.hostNames] })
}

/** The server certificate as listeners take it. */
export async function serverCertificate(keystore: Keystore) {
  const { chain, key } = await keystore.lend(aliases.server)
  return { chain, key: pemOf(key) }
}

/** Issues a new server certificate when the present one ends within 30 days. True when it did. */
export async function renewServerCertificate(given: {
  readonly keystore: Keystore
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
}): Promise<boolean> {
  const { keystore, settings, clock, log } = given
  const present = await keystore.find(aliases.server)
  if (present !== undefined && present.validTo - clock.now() >= soon) return false
  await keystore.putKeyPair(aliases.server, await issueServerCertificate(keystore, settings, clock), {
    owner: 'system',
    user: 'Sluice',
    replace: true,
  })
  log.info('a server certificate was issued', {})
  return true
}
