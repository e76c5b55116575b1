import { type Clock, uuid } from '../base/index.ts'
import type { InstanceRequest, Managed } from './contracts.ts'
import { faults } from './faults.ts'
import { dropKey, instanceOf, keysOf } from './key-records.ts'
import { authored, fixedProblems, listProblems, nameProblems, roleNameProblems } from './names.ts'
import type { ServiceInstance } from './records.ts'
import type { Draft, Registry, View } from './registry.ts'
import { roleNames, unknownRoleProblems } from './user-roles.ts'

type Parameters = Pick<ServiceInstance, 'name' | 'plan' | 'roles' | 'grantTypes' | 'redirectUris' | 'tokenValidity'>

/** Grant types by every spelling that clients use; `client_x509` is the deprecated name of client_credentials. */
const grants: Readonly<Record<string, string>> = {
  client_credentials: 'client_credentials',
  client_x509: 'client_credentials',
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  password: 'password',
  'urn:ietf:params:oauth:grant-type:saml2-bearer': 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
}

/** Service instances: each is an OAuth client. Their plan never changes; with them go their keys. */
export function createInstances({
  registry,
  clock,
}: {
  readonly registry: Registry
  readonly clock: Clock
}): Managed<ServiceInstance, InstanceRequest, Partial<Omit<InstanceRequest, 'plan'>>> {
  return {
    list: () => [...registry.view().of('instance').values()],
    find: (id) => registry.view().of('instance').get(id),
    create: (request, author) => registry.change((draft) => draftInstance(draft, request, author, clock.now())),
    update: (id, change, author) =>
      registry.change((draft) => {
        const present = instanceOf(draft, id)
        const given = Object.entries(change).filter(([name, value]) => value !== undefined && name !== 'plan')
        const plan = fixedProblems('plan', (change as Partial<InstanceRequest>).plan, present.plan)
        const parameters = readInstance(draft, { ...present, ...Object.fromEntries(given) }, plan)
        refuseName(draft, parameters.name, id)
        return draft.put('instance', { id, ...parameters, ...authored(author, clock.now(), present) })
      }),
    remove: (id) =>
      registry.change((draft) => {
        instanceOf(draft, id)
        for (const key of keysOf(draft, id)) dropKey(draft, key.id)
        draft.drop('instance', id)
      }),
  }
}

/** @throws identity.instanceInvalid, instanceNameTaken */
export function draftInstance(draft: Draft, request: InstanceRequest, author: string, now: number): ServiceInstance {
  const parameters = readInstance(draft, request)
  refuseName(draft, parameters.name)
  return draft.put('instance', { id: uuid(), ...parameters, ...authored(author, now) })
}

function refuseName(view: View, name: string, id?: string): void {
  for (const other of view.of('instance').values())
    if (other.name === name && other.id !== id) throw faults.instanceNameTaken({ name })
}

/** The parameters whole, with what stands for the absent ones. */
function readInstance(view: View, request: InstanceRequest, found: readonly string[] = []): Parameters {
  const { name, plan } = request
  const roles = request.roles ?? (plan === 'integration-flow' ? ['ESBMessaging.send'] : [])
  const grantTypes = request.grantTypes ?? ['client_credentials']
  const redirectUris = request.redirectUris ?? []
  const tokenValidity = request.tokenValidity ?? (plan === 'api' ? 43_200 : 3600)
  const known = roleNames(view)
  const problems = [
    ...found,
    ...nameProblems(name, 100),
    ...(['integration-flow', 'api'].includes(plan) ? [] : [`plan '${plan}' is neither integration-flow nor api`]),
    ...listProblems('roles', roles, (role) => {
      const malformed = roleNameProblems(role)
      return malformed.length > 0 || plan !== 'integration-flow' ? malformed : unknownRoleProblems(role, known)
    }),
    ...(plan === 'api' && roles.length === 0 ? ['roles of the plan api need at least one role'] : []),
    ...listProblems('grant-types', grantTypes, (grant) =>
      Object.hasOwn(grants, grant) ? [] : [`grant-types has the unknown '${grant}'`],
    ),
    ...listProblems('redirect-uris', redirectUris, (uri) =>
      isRedirectUri(uri) ? [] : [`redirect-uris has '${uri}', which is no https address`],
    ),
    ...(Number.isInteger(tokenValidity) && tokenValidity >= 3600 && tokenValidity <= 86_400
      ? []
      : ['token-validity needs 3600 to 86400 seconds']),
  ]
  if (problems.length > 0) throw faults.instanceInvalid({ problems })
  return {
    name,
    plan,
    roles: [...new Set(roles)],
    grantTypes: [...new Set(grantTypes.map((grant) => grants[grant] ?? grant))],
    redirectUris: [...new Set(redirectUris)],
    tokenValidity,
  }
}

function isRedirectUri(text: string): boolean {
  const uri = URL.parse(text)
  const loopback = uri?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(uri.hostname)
  return uri !== null && (uri.protocol === 'https:' || loopback) && uri.hash === ''
}
