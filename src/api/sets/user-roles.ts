import type { ShownRole } from '../../identity/contracts.ts'
import { type EntitySet, type FunctionImport, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { faults } from '../faults.ts'
import { apiRoles, roles } from '../roles.ts'
import { optionalText, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const row = (role: ShownRole): Row => ({
  Name: role.name,
  Description: role.description,
  Owner: role.owner,
  UsedBy: JSON.stringify(role.usedBy),
  ...authoredRow(role),
})

/** Roles that flows ask for. The original shows them in its monitor and has no such set. */
export const userRoles = ({ identity }: Services): EntitySet<Call> => ({
  name: 'UserRoles',
  list: { requires: roles.readUserRoles, run: async () => identity.roles.list().map(row) },
  create: {
    requires: roles.editUserRoles,
    status: 201,
    run: async (body, { caller }) => {
      requireTexts(body, ['Name'])
      const name = textOf(body, 'Name')
      if (apiRoles.includes(name)) throw faults.roleReserved({ name })
      return row(await identity.roles.create({ name, description: textOf(body, 'Description') }, caller.name))
    },
  },
  update: {
    requires: roles.editUserRoles,
    status: 204,
    run: async (key, body, { caller }) => {
      const name = textOf(key, 'Name')
      const description = optionalText(body, 'Description') ?? identity.roles.find(name)?.description ?? ''
      await identity.roles.update(name, { description }, caller.name)
    },
  },
  remove: {
    requires: roles.editUserRoles,
    status: 204,
    run: (key, { caller }) => identity.roles.remove(textOf(key, 'Name'), caller.name),
  },
  type: {
    name: 'UserRole',
    key: ['Name'],
    properties: {
      Name: text(128),
      Description: text(1024),
      Owner: text(),
      UsedBy: text(),
      ...authoredProperties,
    },
  },
})

/** The roles named, in the form in which they are pasted into the parameters of a service instance. */
export const downloadUserRoles = ({ identity }: Services): FunctionImport<Call> => ({
  name: 'DownloadUserRoles',
  method: 'GET',
  status: 200,
  requires: roles.readUserRoles,
  parameters: ['Names?'],
  run: async ({ Names }) => {
    const known = identity.roles.list().map(({ name }) => name)
    const wanted = Names === undefined ? known : Names.split(',').map((name) => name.trim())
    const unknown = wanted.filter((name) => !known.includes(name))
    if (unknown.length > 0) throw faults.userRoleUnknown({ names: unknown })
    return {
      document: { content: JSON.stringify({ roles: wanted }), contentType: 'application/json', fileName: 'roles.json' },
    }
  },
})
