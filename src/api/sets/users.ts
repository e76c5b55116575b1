import type { ShownUser, UserRequest } from '../../identity/contracts.ts'
import { type EntitySet, flag, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { flowRoles, requireHeld, requireKnown, requireUser } from '../grants.ts'
import { readList } from '../parameters/read-members.ts'
import { roles } from '../roles.ts'
import { optionalFlag, optionalText, present, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

// The password is a property of bodies only.
const row = (user: ShownUser): Row => ({
  Name: user.name,
  Description: user.description,
  Password: null,
  HasPassword: user.hasPassword,
  Roles: JSON.stringify(user.roles),
  Groups: JSON.stringify(user.groups),
  Locked: user.locked,
  ...authoredRow(user),
})

const requestOf = (body: Row): Partial<Omit<UserRequest, 'name'>> =>
  present({
    description: optionalText(body, 'Description'),
    password: optionalText(body, 'Password'),
    roles: readList(optionalText(body, 'Roles'), 'Roles'),
    locked: optionalFlag(body, 'Locked'),
  })

/** Persons who call with a password, and names that certificates are mapped to. */
export function users({ identity }: Services): EntitySet<Call> {
  /** @throws odata.entityMissing, api.roleNotHeld */
  function requireManaged(name: string, call: Call): void {
    if (identity.users.find(name) === undefined) throw odataFaults.entityMissing({ set: 'Users' })
    requireUser(identity, name, call)
  }

  return {
    name: 'Users',
    list: { requires: roles.readUsers, run: async () => identity.users.list().map(row) },
    create: {
      requires: roles.editUsers,
      status: 201,
      run: async (body, call) => {
        requireTexts(body, ['Name'])
        const request = { name: textOf(body, 'Name'), ...requestOf(body) }
        requireKnown(request.roles ?? [], flowRoles(identity), 'Roles')
        requireHeld(request.roles ?? [], `the user '${request.name}'`, call)
        // A group can have the name of a user who was deleted.
        requireUser(identity, request.name, call)
        return row(await identity.users.create(request, call.caller.name))
      },
    },
    update: {
      requires: roles.editUsers,
      status: 204,
      run: async (key, body, call) => {
        const name = textOf(key, 'Name')
        requireManaged(name, call)
        const change = requestOf(body)
        requireKnown(change.roles ?? [], flowRoles(identity), 'Roles')
        requireHeld(change.roles ?? [], `the user '${name}'`, call)
        await identity.users.update(name, change, call.caller.name)
      },
    },
    remove: {
      requires: roles.editUsers,
      status: 204,
      run: async (key, call) => {
        const name = textOf(key, 'Name')
        requireManaged(name, call)
        await identity.users.remove(name, call.caller.name)
      },
    },
    type: {
      name: 'User',
      key: ['Name'],
      properties: {
        Name: text(150),
        Description: text(1024),
        Password: text(1024),
        HasPassword: flag,
        Roles: text(),
        Groups: text(),
        Locked: flag,
        ...authoredProperties,
      },
    },
  }
}
