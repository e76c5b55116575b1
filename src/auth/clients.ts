import { hash, timingSafeEqual } from 'node:crypto'

import type { Identity, ServiceInstance, ServiceKey } from '../identity/index.ts'

/** A service instance as the registry has it now, by one of its keys. */
export interface Client {
  readonly instance: ServiceInstance
  readonly key: ServiceKey
  readonly clientId: string
}

/** Clients by their ids, as the registry has them now. */
export interface Clients {
  /** The keys of a client id. Empty for one that is unknown, or that two instances have. */
  readonly keysOf: (clientId: string) => readonly Client[]
  /** Takes the same time whether the client id, the secret or both are wrong. */
  readonly bySecret: (clientId: string, secret: string) => Client | undefined
  readonly byKey: (keyId: string) => Client | undefined
}

const none: readonly Client[] = []

/** Made anew when the registry has changed, not for each token. */
export function createClients(
  identity: Pick<Identity, 'revision' | 'keys' | 'instances' | 'byClientSecret'>,
  now: () => number,
): Clients {
  let index: { readonly revision: number; readonly byId: ReadonlyMap<string, readonly Client[]> } | undefined

  function byId(): ReadonlyMap<string, readonly Client[]> {
    const { revision } = identity
    if (index?.revision !== revision) index = { revision, byId: indexOf(identity) }
    return index.byId
  }

  const counts = ({ key }: Client): boolean => key.until === undefined || now() < key.until
  const keysOf = (clientId: string): readonly Client[] => byId().get(clientId)?.filter(counts) ?? none
  return {
    keysOf,
    bySecret(clientId, secret) {
      // Who it is, the registry says, in constant time; which of the keys, only after that.
      if (identity.byClientSecret(clientId, secret) === undefined) return undefined
      const given = hash('sha256', secret, 'buffer')
      return keysOf(clientId).find(({ key }) => {
        const kept = Buffer.from(key.secretHash ?? '', 'hex')
        return kept.length === given.length && timingSafeEqual(kept, given)
      })
    },
    byKey(keyId) {
      const key = identity.keys.find(keyId)
      return key && keysOf(key.clientId).find((client) => client.key.id === keyId)
    },
  }
}

function indexOf({ keys, instances }: Pick<Identity, 'keys' | 'instances'>): ReadonlyMap<string, readonly Client[]> {
  const byId = new Map<string, Client[]>()
  for (const key of keys.list()) {
    const instance = instances.find(key.instanceId)
    if (instance === undefined) continue
    const client = { instance, key, clientId: key.clientId }
    const present = byId.get(key.clientId)
    if (present === undefined) byId.set(key.clientId, [client])
    else present.push(client)
  }
  for (const [clientId, clients] of byId)
    if (clients.some(({ instance }) => instance.id !== clients[0]?.instance.id)) byId.delete(clientId)
  return byId
}
