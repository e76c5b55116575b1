import type { EndpointPolicy, Identity, Method, TenantPolicy } from '../identity/index.ts'
import { networksOf } from './networks.ts'
import type { Door } from './routes.ts'

type Networks = (address: string) => boolean

/** The policy of the tenant in the form in which calls are checked. */
export interface TenantRules {
  readonly policy: TenantPolicy
  readonly methods: ReadonlySet<Method>
  /** Undefined takes calls from everywhere. */
  readonly networks: Networks | undefined
  /** Where no certificate is needed; undefined is everywhere. */
  readonly inside: Networks | undefined
}

/** What an endpoint asks besides. */
export interface EndpointRules {
  readonly policy: EndpointPolicy
  readonly networks: Networks | undefined
}

/** Policies as they are now, prepared once for each revision of the registry. */
export interface Policies {
  readonly tenant: () => TenantRules
  readonly endpoint: (door: Door) => EndpointRules | undefined
}

interface Kept {
  readonly revision: number
  readonly rules: EndpointRules | undefined
}

export function createPolicies(identity: Pick<Identity, 'revision' | 'policy' | 'endpointPolicy'>): Policies {
  let tenant: { readonly revision: number; readonly rules: TenantRules } | undefined
  const doors = new WeakMap<Door, Kept>()
  return {
    tenant() {
      const { revision } = identity
      if (tenant?.revision !== revision) tenant = { revision, rules: tenantRules(identity.policy()) }
      return tenant.rules
    },
    endpoint(door) {
      const { revision } = identity
      const kept = doors.get(door)
      if (kept?.revision === revision) return kept.rules
      const policy = identity.endpointPolicy(door.served)
      const rules = policy && { policy, networks: anywhere(policy.networks) }
      doors.set(door, { revision, rules })
      return rules
    },
  }
}

const anywhere = (networks: readonly string[]): Networks | undefined =>
  networks.length === 0 ? undefined : networksOf(networks)

const tenantRules = (policy: TenantPolicy): TenantRules => ({
  policy,
  methods: new Set(policy.methods),
  networks: anywhere(policy.networks),
  inside: policy.certificateOutside && networksOf(policy.certificateOutside),
})
