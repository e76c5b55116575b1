import type { GroupRequest } from '../../identity/contracts.ts'
import type { UserGroup } from '../../identity/records.ts'
import { type EntitySet, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { flowRoles, requireHeld, requireKnown } from '../grants.ts'
import { readList } from '../parameters/read-members.ts'
import { roles } from '../roles.ts'
import { optionalText, present, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const row = (group: UserGroup): Row => ({
  Name: group.name,
  Description: group.description,
  Roles: JSON.stringify(group.roles),
  Members: JSON.stringify(group.members),
  ...authoredRow(group),
})

const requestOf = (body: Row): Partial<Omit<GroupRequest, 'name'>> =>
  present({
    description: optionalText(body, 'Description'),
    roles: readList(optionalText(body, 'Roles'), 'Roles'),
    members: readList(optionalText(body, 'Members'), 'Members'),
  })

/** Users that share roles. Whoever puts a user into a group gives him its roles. */
export function userGroups({ identity }: Services): EntitySet<Call> {
  /** @throws odata.entityMissing, api.roleNotHeld */
  function requireManaged(name: string, given: readonly string[], call: Call): void {
    const group = identity.groups.find(name)
    if (group === undefined) throw odataFaults.entityMissing({ set: 'UserGroups' })
    requireHeld([...group.roles, ...given], `the group '${name}'`, call)
  }

  return {
    name: 'UserGroups',
    list: { requires: roles.readUsers, run: async () => identity.groups.list().map(row) },
    create: {
      requires: roles.editUsers,
      status: 201,
      run: async (body, call) => {
        requireTexts(body, ['Name'])
        const request = { name: textOf(body, 'Name'), ...requestOf(body) }
        requireKnown(request.roles ?? [], flowRoles(identity), 'Roles')
        requireHeld(request.roles ?? [], `the group '${request.name}'`, call)
        return row(await identity.groups.create(request, call.caller.name))
      },
    },
    update: {
      requires: roles.editUsers,
      status: 204,
      run: async (key, body, call) => {
        const name = textOf(key, 'Name')
        const change = requestOf(body)
        requireKnown(change.roles ?? [], flowRoles(identity), 'Roles')
        requireManaged(name, change.roles ?? [], call)
        await identity.groups.update(name, change, call.caller.name)
      },
    },
    remove: {
      requires: roles.editUsers,
      status: 204,
      run: async (key, call) => {
        const name = textOf(key, 'Name')
        requireManaged(name, [], call)
        await identity.groups.remove(name, call.caller.name)
      },
    },
    type: {
      name: 'UserGroup',
      key: ['Name'],
      properties: {
        Name: text(150),
        Description: text(1024),
        Roles: text(),
        Members: text(),
        ...authoredProperties,
      },
    },
  }
}
