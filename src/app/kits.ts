import type { Services } from '../api/index.ts'
import type { Clock } from '../base/index.ts'
import type { TenantStores } from '../database/index.ts'
import type { Identity } from '../identity/index.ts'
import type { Keystore } from '../keystore/index.ts'
import { createKit } from '../kits/index.ts'
import { aliases } from './names.ts'

/** Kits with the addresses that are served now and the certificates that the server shows now. */
export function createKits(given: {
  readonly identity: Identity
  readonly keystore: Keystore
  readonly deployments: TenantStores['deployments']
  readonly clock: Clock
}): Services['kit'] {
  const { identity, keystore, deployments, clock } = given
  return async ({ keyId, password, addresses }) => {
    const opened = identity.keys.open(keyId)
    const instance = identity.instances.find(opened.key.instanceId)
    if (instance === undefined) throw new Error(`the key ${keyId} is open but its instance is not there`)
    const endpoints = await deployments.endpoints()
    return createKit({
      opened,
      instance,
      addresses: {
        url: instance.plan === 'api' ? addresses.controlUrl : addresses.runtimeUrl,
        tokenUrl: addresses.tokenUrl,
      },
      endpoints: endpoints.map(({ path }) => ({ address: path, methods: [] })),
      server: { chain: (await keystore.lend(aliases.server)).chain },
      password,
      now: clock.now(),
    })
  }
}
