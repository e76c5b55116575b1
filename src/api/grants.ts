import type { Identity, InstanceRequest } from '../identity/contracts.ts'
import type { ServiceInstance } from '../identity/records.ts'
import { faults } from './faults.ts'
import { apiRoles, idleRoles } from './roles.ts'
import type { Call } from './services.ts'

/*
 * Nobody gets at more than he has. Who could give himself a role, set the password of somebody who has it, or see
 * the credential of an instance that has it, has the role: so whatever carries roles of the API can be changed, and
 * its credentials seen, only by callers who hold all of these roles, or TenantAdministrator. Roles that only flows
 * ask for are free to give: they open nothing here. What this cannot see: whoever gives a role to something that is
 * there already gives it to everybody who knows its credentials.
 */

// An idle role may come to allow something: it is given with the same care.
const ofTheApi: ReadonlySet<string> = new Set([...apiRoles, ...idleRoles])

/** @throws api.roleNotHeld naming the roles of the API that the caller lacks */
export function requireHeld(roles: Iterable<string>, what: string, { caller }: Pick<Call, 'caller'>): void {
  if (caller.roles.includes('TenantAdministrator')) return
  const lacking = [...new Set(roles)].filter((role) => ofTheApi.has(role) && !caller.roles.includes(role))
  if (lacking.length > 0) throw faults.roleNotHeld({ caller: caller.name, what, roles: lacking })
}

/**
 * Roles that can be given to a user or a group: those of flows and those of the API. To an instance of the plan api
 * only the latter; what instances of the plan integration-flow have is for the registry to check.
 * @throws api.parametersInvalid naming all that are not known
 */
export function requireKnown(roles: readonly string[], ofFlows: Iterable<string>, property: string): void {
  const known = new Set([...ofTheApi, ...ofFlows])
  const problems = roles
    .filter((role) => !known.has(role))
    .map((role) => {
      const alike = [...known].find((one) => one.toLowerCase() === role.toLowerCase())
      return `there is no role '${role}'${alike === undefined ? '' : ` (did you mean '${alike}'?)`}`
    })
  if (problems.length > 0) throw faults.parametersInvalid({ property, problems })
}

export const flowRoles = (identity: Identity): readonly string[] => identity.roles.list().map(({ name }) => name)

/** For a service instance, its keys and its certificates. @throws api.roleNotHeld */
export const requireInstance = ({ name, roles }: Pick<ServiceInstance, 'name' | 'roles'>, call: Pick<Call, 'caller'>) =>
  requireHeld(roles, `the service instance '${name}'`, call)

/** For what a service instance is to have. @throws api.parametersInvalid, api.roleNotHeld */
export function requireGivable({ name, plan, roles = [] }: InstanceRequest, call: Pick<Call, 'caller'>): void {
  if (plan === 'api') requireKnown(roles, [], 'Parameters')
  requireInstance({ name, roles }, call)
}

/**
 * For the service instance that a key belongs to. A key that is not there is for the service to refuse.
 * @throws api.roleNotHeld
 */
export function requireInstanceOf(identity: Identity, keyId: string, call: Pick<Call, 'caller'>): void {
  const key = identity.keys.find(keyId)
  const instance = key && identity.instances.find(key.instanceId)
  if (instance) requireInstance(instance, call)
}

/** For a user with all he has, by himself and by his groups. @throws api.roleNotHeld */
export function requireUser(identity: Identity, name: string, call: Pick<Call, 'caller'>): void {
  const wanted = name.toLowerCase()
  const groups = identity.groups
    .list()
    .filter(({ members }) => members.some((member) => member.toLowerCase() === wanted))
  const roles = [...(identity.users.find(name)?.roles ?? []), ...groups.flatMap((group) => group.roles)]
  requireHeld(roles, `the user '${name}'`, call)
}
