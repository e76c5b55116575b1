import { type Audit, describeChange } from '../../audit/index.ts'
import type { Identity } from '../../identity/contracts.ts'
import type { CloudFoundryCall, CloudFoundryRoute } from './contracts.ts'

const actions = { GET: 'Read', POST: 'Create', PATCH: 'Change', DELETE: 'Delete' } as const

/** Which routes are recorded: all that change something, and those that show a credential. */
const isRecorded = ({ method, path }: CloudFoundryRoute): boolean => method !== 'GET' || path.endsWith('/details')

/** The routes with each change recorded, once it was done and before it is answered. */
export function auditRoutes(
  routes: readonly CloudFoundryRoute[],
  { audit, identity }: { readonly audit: Pick<Audit, 'record'>; readonly identity: Identity },
): readonly CloudFoundryRoute[] {
  const kinds = [
    { root: '/service_instances', objectType: 'Service Instance', find: identity.instances.find },
    { root: '/service_credential_bindings', objectType: 'Service Key', find: identity.keys.find },
  ] as const
  return routes.map((route) => {
    const kind = kinds.find(({ root }) => route.path === root || route.path.startsWith(`${root}/`))
    if (kind === undefined || !isRecorded(route)) return route
    const { objectType, find } = kind
    const run = async (call: CloudFoundryCall) => {
      const before = find(call.guid)
      const answer = await route.run(call)
      const objectId = call.guid || guidOf(answer.body)
      const after = find(objectId)
      await audit.record({
        action: actions[route.method],
        objectType,
        objectId,
        attributes: { name: (after ?? before)?.name ?? '', interface: 'Cloud Foundry' },
        ...(route.method !== 'GET' && { changedAttributes: describeChange(shown(before), shown(after), secret) }),
      })
      return answer
    }
    return { ...route, run }
  })
}

const secret = ['secretHash', 'sealedSecret']

const shown = (record: object | undefined): object | undefined =>
  record && Object.fromEntries(Object.entries(record).filter(([name]) => !/^(?:created|modified)(?:By|At)$/.test(name)))

const guidOf = (body: object | undefined): string => {
  const { guid = '' }: { readonly guid?: unknown } = body ?? {}
  return typeof guid === 'string' ? guid : ''
}
