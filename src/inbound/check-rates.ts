import type { Clock } from '../base/index.ts'
import type { Call } from './call.ts'
import { nameOf } from './check-credentials.ts'
import type { Policies } from './policies.ts'
import { createRates, type Limit } from './rates.ts'
import { type Refused, refusedFor } from './refusals.ts'

/** Checks of how often calls come. A dry run counts nothing. */
export interface RateChecks {
  readonly client: (call: Call, dry: boolean) => Refused | undefined
  /** Of the endpoint and of the tenant. */
  readonly address: (call: Call, dry: boolean) => Refused | undefined
}

export function createRateChecks(policies: Policies, clock: Clock): RateChecks {
  const rates = createRates(clock)

  return {
    client({ identity }, dry) {
      const rate = policies.tenant().policy.rates.client
      if (rate.perSecond <= 0 || identity === undefined) return undefined
      const limit = { key: `client ${identity.client}`, rate }
      const wait = rates.waitOf(limit)
      if (wait > 0)
        return refusedFor(wait, 'rate.clientExceeded', { name: nameOf(identity), perSecond: rate.perSecond })
      if (!dry) rates.count(limit)
      return undefined
    },
    address({ match }, dry) {
      const tenant = policies.tenant().policy.rates
      const own = match && policies.endpoint(match.door)?.policy.rate
      if (tenant.tenant.perSecond <= 0 && tenant.endpoint.perSecond <= 0 && (own?.perSecond ?? 0) <= 0) return undefined
      const address = match?.door.served ?? ''
      const limits: Limit[] = [
        { key: `all endpoints ${address}`, rate: tenant.endpoint },
        ...(own === undefined ? [] : [{ key: `endpoint ${address}`, rate: own }]),
      ]
      // All are asked before any is counted: a call that one of them refuses takes nothing from the others.
      for (const limit of limits) {
        const wait = rates.waitOf(limit)
        if (wait > 0) return refusedFor(wait, 'rate.endpointExceeded', { address, perSecond: limit.rate.perSecond })
      }
      const whole: Limit = { key: 'tenant', rate: tenant.tenant }
      const wait = rates.waitOf(whole)
      if (wait > 0) return refusedFor(wait, 'rate.tenantExceeded', { perSecond: whole.rate.perSecond })
      if (!dry) for (const limit of [...limits, whole]) rates.count(limit)
      return undefined
    },
  }
}
