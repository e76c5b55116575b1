import { createHash } from 'node:crypto'

import type { Adapter, AdapterPayload } from 'oidc-provider'

import type { Clock } from '../base/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { ModelStore, StoredModel } from './ports.ts'
import { grantRevocation, type Revocations } from './revocations.ts'

/** Models that are stored. Access tokens are signed and kept nowhere; clients are the registry's. */
const stored = new Set(['Session', 'Interaction', 'Grant', 'AuthorizationCode', 'RefreshToken', 'ReplayDetection'])
const longestToken = 86_400_000
/** Seconds; every model has a life of its own. */
const lastsAtMost = 14 * 86_400

/** What is stored names no token: only its hash, which finds it. */
export const hashOfId = (id: string): string => createHash('sha256').update(id, 'utf8').digest('base64url')

/** Thrown where a code or refresh token was consumed by another request at the same moment. */
export class ConsumedAtOnce extends Error {
  override readonly name = 'ConsumedAtOnce'
}

/** Keeps the models of `oidc-provider`: ids as hashes, contents sealed. */
export function createModelAdapter(given: {
  readonly models: ModelStore
  readonly revocations: Pick<Revocations, 'revoke'>
  readonly sealer: Sealer
  readonly findClient: (clientId: string) => object | undefined
  readonly clock: Clock
}): (kind: string) => Adapter {
  const { models, revocations, sealer, findClient, clock } = given
  const contextOf = (kind: string, id: string): string => JSON.stringify(['authorization_model', kind, id])

  function opened(model: StoredModel | undefined): AdapterPayload | undefined {
    if (model === undefined || model.expires <= clock.now()) return undefined
    const { kind, id, sealed, consumed } = model
    const payload = JSON.parse(sealer.open(sealed, contextOf(kind, id)).toString('utf8')) as AdapterPayload
    return consumed === undefined ? payload : { ...payload, consumed: Math.floor(consumed / 1000) }
  }

  async function put(kind: string, given: string, payload: AdapterPayload, expiresIn = lastsAtMost): Promise<void> {
    const id = hashOfId(given)
    // What was consumed says so in a column of its own, which only `consume` writes.
    const { consumed: _, ...content } = payload
    await models.put({
      kind,
      id,
      grantId: payload.grantId === undefined ? undefined : hashOfId(payload.grantId),
      uid: kind === 'Session' && payload.uid !== undefined ? hashOfId(payload.uid) : undefined,
      sealed: sealer.seal(Buffer.from(JSON.stringify(content), 'utf8'), contextOf(kind, id)),
      expires: clock.now() + expiresIn * 1000,
    })
  }

  return (kind) => ({
    async upsert(id, payload, expiresIn) {
      if (stored.has(kind)) await put(kind, id, payload, expiresIn)
    },
    find: async (id) =>
      kind === 'Client'
        ? (findClient(id) as AdapterPayload | undefined)
        : opened(await models.find(kind, hashOfId(id))),
    findByUid: async (uid) => opened(await models.findByUid(kind, hashOfId(uid))),
    findByUserCode: async () => undefined,
    async consume(id) {
      if (!(await models.consume(kind, hashOfId(id), clock.now()))) throw new ConsumedAtOnce()
    },
    destroy: (id) => models.remove(kind, hashOfId(id)),
    async revokeByGrantId(grantId) {
      const hash = hashOfId(grantId)
      if (kind === 'AccessToken') await revocations.revoke(grantRevocation(hash), clock.now() + longestToken)
      else await models.removeByGrant(hash)
    },
  })
}
