import type { Clock } from '../base/index.ts'
import type { Managed, ShownUser, UserRequest } from './contracts.ts'
import { faults } from './faults.ts'
import { groupsOfUsers } from './groups.ts'
import {
  authored,
  comparable,
  descriptionProblems,
  listProblems,
  loginNameProblems,
  roleNameProblems,
} from './names.ts'
import { hashPassword } from './passwords.ts'
import type { User } from './records.ts'
import type { Draft, Registry, View } from './registry.ts'

/**
 * The user of a name; where there is none, one is made without password and roles, for certificates to be mapped to.
 * @throws identity.userInvalid
 */
export function userFor(draft: Draft, name: string, author: string, now: number): User {
  refuseProblems(loginNameProblems(name))
  const present = draft.of('user').get(comparable(name))
  if (present !== undefined) return present
  const empty = { name, description: '', passwordHash: undefined, roles: [], locked: false }
  return draft.put('user', { ...empty, ...authored(author, now) })
}

/** Users: their names are compared without case and never change; passwords are kept as Argon2id hashes. */
export function createUsers({
  registry,
  clock,
}: {
  readonly registry: Registry
  readonly clock: Clock
}): Managed<ShownUser, UserRequest> {
  function shown(view: View, { passwordHash, ...user }: User, groups = groupsOfUsers(view)): ShownUser {
    const names = (groups.get(comparable(user.name)) ?? []).map(({ name }) => name)
    return { ...user, hasPassword: passwordHash !== undefined, groups: names }
  }

  function present(view: View, name: string): User {
    const user = view.of('user').get(comparable(name))
    if (user === undefined) throw faults.userUnknown({ user: name })
    return user
  }

  return {
    list() {
      const view = registry.view()
      const groups = groupsOfUsers(view)
      return [...view.of('user').values()].map((user) => shown(view, user, groups))
    },
    find(name) {
      const view = registry.view()
      const user = view.of('user').get(comparable(name))
      return user && shown(view, user)
    },
    async create(request, author) {
      const { name, password, description = '', roles = [], locked = false } = request
      refuseProblems([...loginNameProblems(name), ...problemsOf({ password, description, roles, locked })])
      const passwordHash = password === undefined ? undefined : await hashPassword(password)
      return registry.change((draft) => {
        const taken = draft.of('user').get(comparable(name))
        if (taken !== undefined) throw faults.userNameTaken({ name: taken.name })
        const user = { name, description, passwordHash, roles: [...new Set(roles)], locked }
        return shown(draft, draft.put('user', { ...user, ...authored(author, clock.now()) }))
      })
    },
    async update(id, change, author) {
      const { name, password, description, roles, locked } = change
      const renamed = name !== undefined && (loginNameProblems(name).length > 0 || comparable(name) !== comparable(id))
      refuseProblems([...(renamed ? ['name cannot be changed'] : []), ...problemsOf(change)])
      const passwordHash = password === undefined ? undefined : await hashPassword(password)
      return registry.change((draft) => {
        const user = present(draft, id)
        const next = {
          ...user,
          description: description ?? user.description,
          passwordHash: passwordHash ?? user.passwordHash,
          roles: roles === undefined ? user.roles : [...new Set(roles)],
          locked: locked ?? user.locked,
        }
        return shown(draft, draft.put('user', { ...next, ...authored(author, clock.now(), user) }))
      })
    },
    remove: (id, author) =>
      registry.change((draft) => {
        const { name } = present(draft, id)
        const by = [...draft.of('certificate').values()]
          .filter(({ holder }) => holder.kind === 'user' && comparable(holder.id) === comparable(id))
          .map(({ subject }) => `'${subject}'`)
        if (by.length > 0) throw faults.userInUse({ user: name, by })
        for (const group of draft.of('group').values()) {
          const members = group.members.filter((member) => comparable(member) !== comparable(id))
          if (members.length < group.members.length)
            draft.put('group', { ...group, members, ...authored(author, clock.now(), group) })
        }
        draft.drop('user', comparable(id))
      }),
  }
}

type Rest = { readonly [Name in 'password' | 'description' | 'roles' | 'locked']?: UserRequest[Name] | undefined }

const problemsOf = ({ password, description, roles, locked }: Rest): readonly string[] => [
  ...(password === undefined || (typeof password === 'string' && password.length >= 12 && password.length <= 1000)
    ? []
    : ['password needs 12 to 1000 characters']),
  ...descriptionProblems(description),
  ...(roles === undefined ? [] : listProblems('roles', roles, roleNameProblems)),
  ...(locked === undefined || typeof locked === 'boolean' ? [] : ['locked must be true or false']),
]

function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw faults.userInvalid({ problems })
}
