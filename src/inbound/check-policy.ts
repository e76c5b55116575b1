import type { Method } from '../identity/index.ts'
import type { Call } from './call.ts'
import type { Policies } from './policies.ts'
import { isRefused, type Refused, refused } from './refusals.ts'

/** Checks of where a call comes from and how it was authenticated. */
export interface PolicyChecks {
  readonly network: (call: Call) => Refused | undefined
  readonly endpointNetwork: (call: Call) => Refused | undefined
  readonly serverName: (call: Call) => Refused | undefined
  readonly tenant: (call: Call) => Refused | undefined
  readonly endpoint: (call: Call) => Refused | undefined
}

/** The certificate was presented and belongs to the caller rather than to a proxy. */
const byCertificate = ({ byCertificate: owner }: Call): boolean =>
  owner !== undefined && !isRefused(owner) && owner.kind !== 'proxy'

const byHeader = ({ byAuthorization: proved }: Call): Method | undefined =>
  proved === undefined || isRefused(proved) ? undefined : proved.method

const used = (call: Call): readonly Method[] => {
  const header = byHeader(call)
  return [...(byCertificate(call) ? (['certificate'] as const) : []), ...(header === undefined ? [] : [header])]
}

/** At least one way in which the call was authenticated is among those. */
function anyOf(call: Call, methods: { readonly has: (method: Method) => boolean }): boolean {
  if (byCertificate(call) && methods.has('certificate')) return true
  const header = byHeader(call)
  return header !== undefined && methods.has(header)
}

const words = (methods: Iterable<Method>): string => [...methods].join(', ')

export function createPolicyChecks(policies: Policies): PolicyChecks {
  const forbidden = (call: Call, allowed: Iterable<Method>, whose: string): Refused =>
    refused('policy.methodForbidden', { used: words(used(call)), allowed: words(allowed), whose })

  return {
    network({ remoteAddress }) {
      const { networks } = policies.tenant()
      if (networks === undefined || networks(remoteAddress)) return undefined
      return refused('network.addressForbidden', { remoteAddress, whose: 'tenant' })
    },
    endpointNetwork({ remoteAddress, match }) {
      const networks = match && policies.endpoint(match.door)?.networks
      if (networks === undefined || networks(remoteAddress)) return undefined
      return refused('network.addressForbidden', { remoteAddress, whose: 'endpoint' })
    },
    serverName: ({ connection }) =>
      connection.serverNamed || !policies.tenant().policy.serverNameRequired
        ? undefined
        : refused('tls.serverNameMissing'),
    tenant(call) {
      const { methods, inside } = policies.tenant()
      if (!anyOf(call, methods)) return forbidden(call, methods, 'tenant')
      if (inside === undefined || byCertificate(call) || inside(call.remoteAddress)) return undefined
      return refused('policy.certificateNeeded', { remoteAddress: call.remoteAddress })
    },
    endpoint(call) {
      const policy = call.match && policies.endpoint(call.match.door)?.policy
      if (policy?.methods === undefined) return undefined
      const { methods } = policies.tenant()
      if (policy.require === 'all') {
        const shown = used(call)
        const missing = policy.methods.filter((method) => !shown.includes(method) || !methods.has(method))
        if (missing.length === 0) return undefined
        return refused('policy.methodMissing', { used: words(shown), missing: words(missing) })
      }
      // An endpoint can only narrow what the tenant allows.
      const allowed = new Set(policy.methods.filter((method) => methods.has(method)))
      return anyOf(call, allowed) ? undefined : forbidden(call, allowed, 'endpoint')
    },
  }
}
