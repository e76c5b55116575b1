import type { Clock } from '../base/index.ts'
import type { GroupRequest, Managed } from './contracts.ts'
import { faults } from './faults.ts'
import {
  authored,
  comparable,
  descriptionProblems,
  fixedProblems,
  listProblems,
  nameProblems,
  roleNameProblems,
} from './names.ts'
import type { UserGroup } from './records.ts'
import type { Registry, View } from './registry.ts'

/** The groups of each user, by the comparable form of his name. */
export function groupsOfUsers(view: View): ReadonlyMap<string, readonly UserGroup[]> {
  const groups = new Map<string, UserGroup[]>()
  for (const group of view.of('group').values())
    for (const member of group.members) {
      const name = comparable(member)
      const present = groups.get(name)
      if (present === undefined) groups.set(name, [group])
      else present.push(group)
    }
  return groups
}

/** User groups: their names are compared with case, as identity providers send them, and never change. */
export function createGroups({
  registry,
  clock,
}: {
  readonly registry: Registry
  readonly clock: Clock
}): Managed<UserGroup, GroupRequest> {
  function present(view: View, name: string): UserGroup {
    const group = view.of('group').get(name)
    if (group === undefined) throw faults.groupUnknown({ group: name })
    return group
  }

  return {
    list: () => [...registry.view().of('group').values()],
    find: (name) => registry.view().of('group').get(name),
    create: (request, author) =>
      registry.change((draft) => {
        const { name, description = '' } = request
        refuseProblems([...nameProblems(name, 150), ...problemsOf(draft, request)])
        if (draft.of('group').has(name)) throw faults.groupNameTaken({ name })
        const lists = { roles: rolesOf(request.roles ?? []), members: membersOf(draft, request.members ?? []) }
        return draft.put('group', { name, description, ...lists, ...authored(author, clock.now()) })
      }),
    update: (name, change, author) =>
      registry.change((draft) => {
        const group = present(draft, name)
        refuseProblems([...fixedProblems('name', change.name, name), ...problemsOf(draft, change)])
        const { description = group.description } = change
        const lists = {
          roles: rolesOf(change.roles ?? group.roles),
          members: membersOf(draft, change.members ?? group.members),
        }
        return draft.put('group', { name, description, ...lists, ...authored(author, clock.now(), group) })
      }),
    remove: (name) =>
      registry.change((draft) => {
        present(draft, name)
        draft.drop('group', name)
      }),
  }
}

const rolesOf = (roles: readonly string[]): readonly string[] => [...new Set(roles)]

/** Members as their users are spelled, each once. */
const membersOf = (view: View, members: readonly string[]): readonly string[] => [
  ...new Set(members.map((member) => view.of('user').get(comparable(member))?.name ?? member)),
]

const problemsOf = (view: View, { description, roles, members }: Partial<GroupRequest>): readonly string[] => [
  ...descriptionProblems(description),
  ...(roles === undefined ? [] : listProblems('roles', roles, roleNameProblems)),
  ...(members === undefined
    ? []
    : listProblems('members', members, (member) =>
        view.of('user').has(comparable(member)) ? [] : [`there is no user '${member}'`],
      )),
]

function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw faults.groupInvalid({ problems })
}
