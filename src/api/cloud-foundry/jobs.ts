import { faults } from '../faults.ts'
import { roles } from '../roles.ts'
import { momentOf } from './catalog.ts'
import type { CloudFoundryAnswer, CloudFoundryCall, CloudFoundryRoute } from './contracts.ts'

const operations = [
  'service_instance.create',
  'service_instance.update',
  'service_instance.delete',
  'service_key.create',
  'service_key.delete',
] as const

/**
 * The answer to a change. It is done already, so the job that clients follow is complete as soon as they look: its
 * name says all there is to know of it, and nothing is kept.
 */
export const accepted = (
  call: CloudFoundryCall,
  operation: (typeof operations)[number],
  guid: string,
  body?: object,
): CloudFoundryAnswer => ({
  status: 202,
  location: call.url(`/jobs/${operation}-${guid}`),
  ...(body !== undefined && { body }),
})

export const jobs = (now: () => number): readonly CloudFoundryRoute[] => [
  {
    method: 'GET',
    path: '/jobs/:guid',
    requires: roles.anyone,
    run: ({ guid, url }) => {
      const operation = operations.find((one) => guid.startsWith(`${one}-`))
      if (operation === undefined) throw faults.cloudFoundryMissing({ what: 'Job' })
      const moment = momentOf(now())
      return {
        status: 200,
        body: {
          guid,
          created_at: moment,
          updated_at: moment,
          operation,
          state: 'COMPLETE',
          errors: [],
          warnings: [],
          links: { self: { href: url(`/jobs/${guid}`) }, ...linkOf(operation, guid.slice(operation.length + 1), url) },
        },
      }
    },
  },
]

function linkOf(operation: (typeof operations)[number], guid: string, url: CloudFoundryCall['url']) {
  const path = operation.startsWith('service_key') ? 'service_credential_bindings' : 'service_instances'
  return operation.endsWith('.delete') ? {} : { [path]: { href: url(`/${path}/${guid}`) } }
}
