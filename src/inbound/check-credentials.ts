import type { Identified } from '../identity/index.ts'
import type { Call } from './call.ts'
import type { Owner } from './certificate-proof.ts'
import type { Policies } from './policies.ts'
import { isRefused, type Refused, refused } from './refusals.ts'
import type { Routes } from './routes.ts'

/** Who is meant in a sentence: the client or user, else the names of the certificate. */
export const nameOf = ({ principal }: Identified): string => principal.name || principal.subject

/** The certificate of the call, if there is one, is trusted and in force. */
export const checkCertificate = ({ byCertificate }: Call): Refused | undefined =>
  byCertificate !== undefined && isRefused(byCertificate) ? byCertificate : undefined

/**
 * Certificate or Authorization header; whoever sends both must be the same client by both. Sets the identity.
 */
export const createIdentityCheck = (given: { readonly routes: Routes; readonly policies: Policies }) => {
  const { routes, policies } = given

  /**
   * A certificate that is trusted but not registered counts where the policy says that names are enough, and only at
   * an address whose channel lists these names: nobody learns by it which other addresses exist.
   */
  function listed({ presented, path }: Call): boolean {
    const pair = presented?.pair
    if (pair === undefined) return false
    const door = routes.find(path)?.door
    if (door === undefined || !door.pairs.has(pair)) return false
    const own = policies.endpoint(door)?.policy.channelCertificates
    return (own ?? policies.tenant().policy.channelCertificates) === 'names'
  }

  function certified(call: Call, owner: Owner): Identified | Refused | undefined {
    if (owner.kind === 'proxy') return undefined
    if (owner.kind !== 'unregistered' || listed(call)) return owner.identified
    const { subject = '', fingerprint = '' } = call.presented ?? {}
    return refused('identity.certificateUnknown', { subject, fingerprint })
  }

  return (call: Call): Refused | undefined => {
    const { byCertificate: owner, byAuthorization: proved, head } = call
    const one = owner === undefined || isRefused(owner) ? undefined : certified(call, owner)
    if (one !== undefined && isRefused(one)) return one
    if (head.severalAuthorizations)
      return refused('identity.authorizationMalformed', { why: 'there is more than one of it' })
    if (proved === undefined) {
      call.identity = one
      if (one !== undefined) return undefined
      const { proxy } = call
      return proxy === undefined ? refused('identity.credentialMissing') : refused('identity.proxyAlone', { proxy })
    }
    if (isRefused(proved)) return proved
    if (one !== undefined && one.client !== proved.client)
      return refused('identity.contradictory', { one: nameOf(one), other: nameOf(proved) })
    call.identity = one ?? proved
    return undefined
  }
}

/** True for a caller of whom only the names of the certificate are known. */
export const byNamesOnly = ({ byCertificate: owner }: Call): boolean =>
  owner !== undefined && !isRefused(owner) && (owner.kind === 'channel' || owner.kind === 'unregistered')
