import { createAssertionReader } from '../assertions/index.ts'
import {
  addressesOf,
  type AuthorizationServer,
  certificateJudge,
  createAuthorizationServer,
  createRevocations,
  createSigningKeys,
  createTokenVerifier,
  type Peer,
  type Revocations,
  type RunningTokenVerifier,
  type SigningKeys,
} from '../auth/index.ts'
import type { Clock, Log } from '../base/index.ts'
import type { TenantStores } from '../database/index.ts'
import type { Identity } from '../identity/index.ts'
import type { Caller, RecordRefusal } from '../inbound/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { Trust } from '../trust/index.ts'

/** What a process needs to tell whose a token is. */
export interface Tokens {
  readonly keys: SigningKeys
  readonly revocations: Revocations
  readonly verifier: RunningTokenVerifier
}

type Stores = Pick<TenantStores, 'authorization' | 'authorizationModels' | 'spentIds' | 'revokedTokens'>

/** Opens keys and revocations. `controlUrl` is the address of the authorization server; no token counts while it is unknown. */
export async function openTokens(given: {
  readonly stores: Stores
  readonly sealer: Sealer
  readonly identity: Identity
  readonly tenant: string
  readonly controlUrl: () => string | undefined
  readonly clock: Clock
}): Promise<Tokens> {
  const { stores, sealer, identity, tenant, controlUrl, clock } = given
  const keys = await createSigningKeys({ store: stores.authorization, sealer, clock })
  const revocations = await createRevocations({ store: stores.revokedTokens, clock })
  const issuer = () => addressesOf(controlUrl() ?? '').issuer
  return { keys, revocations, verifier: createTokenVerifier({ keys, revocations, identity, issuer, tenant, clock }) }
}

/** The authorization server of the control process. A revocation has ended only when `revoked` has. */
export function openAuthorizationServer(given: {
  readonly tokens: Tokens
  readonly stores: Stores
  readonly sealer: Sealer
  readonly identity: Identity
  readonly trust: Trust
  readonly tenant: string
  readonly controlUrl: () => string
  readonly revoked: () => Promise<unknown>
  readonly secretInQuery: boolean
  readonly record: RecordRefusal
  readonly clock: Clock
  readonly log: Log
}): AuthorizationServer {
  const { tokens, stores, sealer, identity, trust, tenant, clock, log } = given
  const { keys, verifier, revocations } = tokens
  return createAuthorizationServer({
    identity,
    keys,
    verifier,
    revocations: {
      ...revocations,
      // The number changes: a copy of it would not.
      get revision() {
        return revocations.revision
      },
      async revoke(id, expires) {
        await revocations.revoke(id, expires)
        await given.revoked()
      },
    },
    stores: { models: stores.authorizationModels, spent: stores.spentIds, revoked: stores.revokedTokens },
    sealer,
    assertions: createAssertionReader({
      providers: identity,
      spent: stores.spentIds,
      clock,
      fetchKeys: (provider) => identity.refreshKeys(provider),
    }),
    judge: certificateJudge({ identity, trust, clock, log }),
    base: given.controlUrl,
    tenant,
    secretInQuery: () => given.secretInQuery,
    record: given.record,
    clock,
    log,
  })
}

/** A caller, as the authorization server wants to know it. */
export const peerOf = (caller: Caller): Peer => ({
  remoteAddress: caller.remoteAddress,
  certificate: caller.presented?.certificate,
  fingerprint: caller.presented?.fingerprint,
  sent: caller.presented?.sent,
})
