import { createHash } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { BuiltInCa, Sealer } from '../keystore/index.ts'
import { faults } from './faults.ts'
import type { ServiceInstance, ServiceKey } from './records.ts'
import { certificatesOfKey, dropCertificate, type Registrar } from './registration.ts'
import type { Draft, Registry, View } from './registry.ts'

/** What keys are made with. Only a process that issues client certificates has the CA. */
export interface KeyParts {
  readonly registry: Registry
  readonly registrar: Registrar
  readonly sealer: Sealer
  readonly clock: Clock
  readonly ca: BuiltInCa | undefined
}

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest()

const contextOf = (keyId: string) => `service key ${keyId}`

export const sealCredential = (sealer: Sealer, keyId: string, secret: string | undefined): string | undefined =>
  secret && sealer.seal(Buffer.from(secret, 'utf8'), contextOf(keyId))

/** The instance is the OAuth client, its keys are credentials of it: the client id outlives the change of a key. */
export const clientIdOf = ({ id }: ServiceInstance): string => `sb-${id}!sluice`

/** The secret or private key of a key in the clear. */
export const openCredential = (sealer: Sealer, { id, sealedSecret }: ServiceKey): string | undefined =>
  sealedSecret === undefined ? undefined : sealer.open(sealedSecret, contextOf(id)).toString('utf8')

/** @throws identity.instanceUnknown */
export function instanceOf(view: View, id: string): ServiceInstance {
  const instance = view.of('instance').get(id)
  if (instance === undefined) throw faults.instanceUnknown({ instance: id })
  return instance
}

/** @throws identity.keyUnknown */
export function keyOf(view: View, id: string): ServiceKey {
  const key = view.of('key').get(id)
  if (key === undefined) throw faults.keyUnknown({ key: id })
  return key
}

export const keysOf = (view: View, instanceId: string): readonly ServiceKey[] =>
  [...view.of('key').values()].filter((key) => key.instanceId === instanceId)

/** Ends a key with its certificates. */
export function dropKey(draft: Draft, id: string): void {
  for (const { fingerprint } of certificatesOfKey(draft, id)) dropCertificate(draft, fingerprint)
  draft.drop('key', id)
}
