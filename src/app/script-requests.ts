import type { Audit } from '../audit/index.ts'
import type { Log } from '../base/index.ts'
import { createReach } from '../connectivity/reach.ts'
import { systemResolve } from '../connectivity/system-resolve.ts'
import type { Identity } from '../identity/index.ts'
import { createScriptRequests, type ScriptRequests } from '../outbound/index.ts'

/** The network of a tenant's scripts, as its policy opens it. */
export function openScriptRequests(given: {
  readonly policy: Pick<Identity['tenantPolicy'], 'get'>
  readonly audit: Pick<Audit, 'note'>
  readonly log: Log
}): ScriptRequests {
  const { policy, audit, log } = given
  let networks: readonly string[] | undefined
  let reach = createReach({ allowed: [], privateToo: true })

  return createScriptRequests({
    resolve: systemResolve,
    mayReach(address, port) {
      const { scriptNetworks } = policy.get()
      if (scriptNetworks !== networks) reach = createReach({ allowed: scriptNetworks, privateToo: true })
      networks = scriptNetworks
      return reach(address, port)
    },
    log,
    refused(host, why, { flow, messageId }) {
      log.warn('a script was kept from an address', { flow: flow.id, messageId, why })
      const attributes = { flow: flow.id, message: messageId, use: 'read', kind: 'host', why }
      audit.note({ action: 'Refuse', objectType: 'Grant', objectId: host, attributes })
    },
  })
}
