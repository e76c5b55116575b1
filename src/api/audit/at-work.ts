import { type Audit, createLogonLog } from '../../audit/index.ts'
import type { Clock, Fault } from '../../base/index.ts'
import type { ApiRequest } from '../services.ts'

/** Ties requests to the audit log: whose work they are, that somebody came, and what was refused for want of a role. */
export interface AtWork {
  /** Does the work in the caller's name. */
  readonly as: <Result>(request: ApiRequest, work: () => Promise<Result>) => Promise<Result>
  /** Records a fault that stands for an act that was not allowed; others are none of the log's affair. */
  readonly refused: (fault: Fault, request: ApiRequest) => void
}

const refusals = new Set(['api.roleMissing', 'api.roleNotHeld'])

export function createAtWork({ audit, clock }: { readonly audit: Audit; readonly clock: Clock }): AtWork {
  const logons = createLogonLog({ audit, clock })
  return {
    as({ caller }, work) {
      const source = caller.address ?? ''
      logons.succeeded({ user: caller.name || undefined, source, method: caller.proof ?? caller.method })
      return audit.as({ user: caller.name, source, via: 'api' }, work)
    },
    refused({ code, message }, { method, path }) {
      if (!refusals.has(code)) return
      // Without the key: what is refused stays a handful of different events, whatever is asked.
      const [resource = ''] = path.split(/[(/?]/).filter(Boolean)
      audit.note({
        action: 'Refuse',
        objectType: 'Management API',
        objectId: `${method} /${resource}`,
        attributes: { reason: message },
      })
    },
  }
}
