import type { Clock } from '../base/index.ts'
import { readIssuerKeys } from './discover-issuer.ts'
import type { IssuerClient } from './issuer-client.ts'
import type { IdentityProvider } from './records.ts'
import type { Registry } from './registry.ts'

/** Milliseconds between two calls for the keys of one issuer: whoever invents `kid`s makes nobody call more often. */
const pause = 60_000

/**
 * Fetches the keys of issuers again, for a `kid` that is unknown. What was fetched is written down, so that other
 * processes know it. Within the pause, and where there is no `jwksUri`, the answer is what is known.
 * @throws identity.issuerRefused, issuerUnreachable, issuerAnswerInvalid
 */
export function createKeyRefresh(given: {
  readonly registry: Registry
  readonly read: IssuerClient
  readonly clock: Clock
}): (provider: Pick<IdentityProvider, 'id'>) => Promise<IdentityProvider['jwks']> {
  const { registry, read, clock } = given
  const calls = new Map<string, { readonly at: number; readonly keys: Promise<IdentityProvider['jwks']> }>()

  async function fetchKeys({ id, jwksUri = '', loopback = false }: IdentityProvider) {
    const keys = await readIssuerKeys(read, jwksUri, { loopback })
    await registry.change((draft) => {
      const present = draft.of('identityProvider').get(id)
      // Who changed the address meanwhile did not mean these keys.
      if (present === undefined || present.jwksUri !== jwksUri) return
      if (JSON.stringify(present.jwks) !== JSON.stringify(keys))
        draft.put('identityProvider', { ...present, jwks: keys })
    })
    return keys
  }

  return async ({ id }) => {
    const provider = registry.view().of('identityProvider').get(id)
    if (provider?.jwksUri === undefined) return provider?.jwks ?? []
    const now = clock.now()
    const last = calls.get(id)
    // While it runs, everybody waits for the same call; afterwards the record is right, and may have been changed.
    if (last !== undefined && now - last.at < pause) return last.keys.then(() => knownKeys(registry, id))
    for (const [other, { at }] of calls) if (now - at >= pause) calls.delete(other)
    const keys = fetchKeys(provider)
    calls.set(id, { at: now, keys })
    return keys
  }
}

const knownKeys = (registry: Registry, id: string): IdentityProvider['jwks'] =>
  registry.view().of('identityProvider').get(id)?.jwks ?? []
