import type { EntitySet } from '../../odata/index.ts'
import { faults } from '../faults.ts'
import {
  endpointPolicyChange,
  endpointPolicyRow,
  inboundPolicyProperties,
  ofApprovers,
  tenantAddress,
  tenantPolicyChange,
  tenantPolicyRow,
} from '../inbound-policy-row.ts'
import { refuseLockOut } from '../lock-out.ts'
import { authorize, roles } from '../roles.ts'
import { requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** Who may call how: one policy for the tenant, found as `tenant`, and those of endpoints by their addresses. */
export function inboundPolicies({ identity, checkPolicy }: Services): EntitySet<Call> {
  const { tenantPolicy, endpointPolicies } = identity
  return {
    name: 'InboundPolicies',
    list: {
      requires: roles.readSecurityMaterial,
      run: async () => [tenantPolicyRow(tenantPolicy.get()), ...endpointPolicies.list().map(endpointPolicyRow)],
    },
    create: {
      requires: roles.editSecurityMaterial,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['Address'])
        const address = textOf(body, 'Address')
        if (address === tenantAddress) throw faults.tenantPolicyFixed()
        const request = { ...endpointPolicyChange(body, undefined), address }
        return endpointPolicyRow(await endpointPolicies.create(request, caller.name))
      },
    },
    update: {
      requires: roles.editSecurityMaterial,
      status: 204,
      run: async (key, body, call) => {
        const { caller } = call
        const address = textOf(key, 'Address')
        if (address === tenantAddress) {
          // Who says what must be approved could approve it.
          if (ofApprovers.some((property) => body[property] !== undefined)) authorize(roles.approveCapabilities, call)
          const change = tenantPolicyChange(body, tenantPolicy.get())
          refuseLockOut({ ...tenantPolicy.get(), ...change }, caller)
          await checkPolicy(change)
          await tenantPolicy.set(change, caller.name)
          return
        }
        const change = endpointPolicyChange(body, endpointPolicies.find(address))
        await endpointPolicies.update(address, change, caller.name)
      },
    },
    remove: {
      requires: roles.editSecurityMaterial,
      status: 204,
      run: async (key, { caller }) => {
        const address = textOf(key, 'Address')
        if (address === tenantAddress) throw faults.tenantPolicyFixed()
        await endpointPolicies.remove(address, caller.name)
      },
    },
    type: { name: 'InboundPolicy', key: ['Address'], properties: inboundPolicyProperties },
  }
}
