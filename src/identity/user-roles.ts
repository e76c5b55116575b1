import type { Clock } from '../base/index.ts'
import type { Managed, RoleRequest, ShownRole } from './contracts.ts'
import { faults } from './faults.ts'
import { authored, descriptionProblems, roleNameProblems } from './names.ts'
import type { UserRole } from './records.ts'
import type { Registry, View } from './registry.ts'

const predefined: ReadonlyMap<string, UserRole> = new Map(
  [
    ['ESBMessaging.send', 'Calls integration flows.'],
    ['API.invoke', 'Calls APIs.'],
  ].map(([name = '', description = '']) => [name, { name, description, ...authored('SAP', 0) }]),
)

/** Every role that a channel can ask for and an instance of plan integration-flow can have. */
export const roleNames = (view: View): ReadonlySet<string> => new Set([...predefined.keys(), ...view.of('role').keys()])

/** Says of a role of plan integration-flow that it does not exist, and which was probably meant. */
export function unknownRoleProblems(role: string, known: ReadonlySet<string>): readonly string[] {
  if (known.has(role)) return []
  const alike = [...known].find((each) => each.toLowerCase() === role.toLowerCase())
  const hint = alike === undefined ? '' : ` (upper and lower case differ: did you mean '${alike}'?)`
  const names = [...known].slice(0, 20).join(', ')
  return [`unknown role '${role}'${hint}; known are ${names}${known.size > 20 ? ', …' : ''}`]
}

/** User roles: the predefined ones and those of the tenant. A name is compared with its case and never changes. */
export function createUserRoles({
  registry,
  clock,
}: {
  readonly registry: Registry
  readonly clock: Clock
}): Managed<ShownRole, RoleRequest, { readonly description: string }> {
  const shown = (role: UserRole, usedBy: readonly string[] = []): ShownRole => ({
    ...role,
    owner: predefined.has(role.name) ? 'SAP' : 'Tenant Administrator',
    usedBy,
  })
  const find = (view: View, name: string) => predefined.get(name) ?? view.of('role').get(name)

  function own(view: View, name: string): UserRole {
    if (predefined.has(name)) throw faults.rolePredefined({ role: name })
    const role = view.of('role').get(name)
    if (role === undefined) throw faults.roleUnknown({ role: name })
    return role
  }

  return {
    list() {
      const view = registry.view()
      const users = usersOfRoles(view)
      const roles = [...predefined.values(), ...view.of('role').values()]
      return roles.map((role) => shown(role, users.get(role.name)))
    },
    find(name) {
      const view = registry.view()
      const role = find(view, name)
      return role && shown(role, usersOfRoles(view).get(name))
    },
    create: (request, user) =>
      registry.change((draft) => {
        const { name, description = '' } = request
        const problems = [...roleNameProblems(name), ...descriptionProblems(description)]
        if (problems.length > 0) throw faults.roleInvalid({ problems })
        if (find(draft, name) !== undefined) throw faults.roleNameTaken({ name })
        return shown(draft.put('role', { name, description, ...authored(user, clock.now()) }))
      }),
    update: (name, { description }, user) =>
      registry.change((draft) => {
        const role = own(draft, name)
        const problems = descriptionProblems(description)
        if (problems.length > 0) throw faults.roleInvalid({ problems })
        const changed = { ...role, description: description ?? role.description }
        const next = draft.put('role', { ...changed, ...authored(user, clock.now(), role) })
        return shown(next, usersOfRoles(draft).get(name))
      }),
    remove: (name) =>
      registry.change((draft) => {
        own(draft, name)
        const by = usersOfRoles(draft).get(name) ?? []
        if (by.length > 0) throw faults.roleInUse({ role: name, by })
        draft.drop('role', name)
      }),
  }
}

/** Who has each role, in words. */
function usersOfRoles(view: View): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  const note = (roles: readonly string[], words: string) => {
    for (const role of roles) {
      const noted = users.get(role)
      if (noted === undefined) users.set(role, [words])
      else noted.push(words)
    }
  }
  for (const { name, roles } of view.of('instance').values()) note(roles, `service instance '${name}'`)
  for (const { name, roles } of view.of('user').values()) note(roles, `user '${name}'`)
  for (const { name, roles } of view.of('group').values()) note(roles, `user group '${name}'`)
  return users
}
