import type { TenantPolicy } from '../identity/records.ts'
import { networksOf } from '../inbound/networks.ts'
import { faults } from './faults.ts'
import type { Caller } from './services.ts'

/**
 * The policy of a tenant holds for this API, too: whoever makes a change must still be let in after it.
 * @throws api.policyLocksOut
 */
export function refuseLockOut(policy: TenantPolicy, { proof, address }: Caller): void {
  const problems: string[] = []
  if (proof !== undefined && !policy.methods.includes(proof)) problems.push(`methods has no ${proof}`)
  if (address !== undefined && address !== '') {
    if (policy.networks.length > 0 && !networksOf(policy.networks)(address)) problems.push(`networks has no ${address}`)
    const { certificateOutside } = policy
    if (certificateOutside !== undefined && proof !== 'certificate' && !networksOf(certificateOutside)(address))
      problems.push(`certificate-outside asks ${address} for a certificate`)
  }
  if (problems.length > 0) throw faults.policyLocksOut({ problems })
}
