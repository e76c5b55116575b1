import { text } from '../../fields/index.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { changedList, listOf, showEntities } from '../registry.ts'
import { list } from '../several.ts'

const name = text({ label: 'name', help: 'Name of the group.' })

export const groupList = declareCommand({
  name: 'group list',
  summary: 'Lists the groups of users with their roles and members.',
  examples: [{ line: 'group list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const columns = [
      { property: 'Name', title: 'Name' },
      { property: 'Roles', title: 'Roles', as: 'list' },
      { property: 'Members', title: 'Members', as: 'list' },
      { property: 'Description', title: 'Description' },
    ] as const
    showEntities(session, await session.api().list('UserGroups'), columns, 'There are no groups.')
  },
})

export const groupCreate = declareCommand({
  name: 'group create',
  summary: 'Creates a group: its members have its roles besides their own.',
  examples: [{ line: 'group create partners --role Orders.send --member alice', words: 'Creates one with a member.' }],
  positionals: { name },
  flags: {
    role: list({ label: 'role', help: 'Role that members have.' }),
    member: list({ label: 'user', help: 'Name of a user.' }),
    description: text({ label: 'text', help: 'Who they are.', default: '', maxLength: 1024 }),
  },
  async run({ name, role, member, description }, { api, output }) {
    const body = { Name: name, Description: description, Roles: JSON.stringify(role), Members: JSON.stringify(member) }
    await api().write('POST', 'UserGroups', body)
    output.result({ name, done: 'created' }, `created  ${name}`)
  },
})

export const groupDelete = declareCommand({
  name: 'group delete',
  summary: 'Deletes a group. Its members lose the roles that they had by it.',
  examples: [{ line: 'group delete partners', words: 'Deletes it; the users stay.' }],
  positionals: { name },
  flags: {},
  async run({ name }, { api, output }) {
    await api().write('DELETE', entity`UserGroups(${name})`)
    output.result({ name, done: 'deleted' }, `deleted  ${name}`)
  },
})

const changing = (given: {
  readonly name: 'members' | 'roles'
  readonly property: 'Members' | 'Roles'
  readonly label: 'user' | 'role'
  readonly example: readonly [add: string, remove: string]
}) => {
  const { name: verb, property, label, example } = given
  return declareCommand({
    name: `group ${verb}`,
    summary: `Shows the ${verb} of a group, or adds and removes some.`,
    examples: [
      { line: `group ${verb} partners`, words: 'Shows them.' },
      { line: `group ${verb} partners --add ${example[0]} --remove ${example[1]}`, words: 'Changes two.' },
    ],
    positionals: { name },
    flags: {
      add: list({ label, help: `The ${label} to add.` }),
      remove: list({ label, help: `The ${label} to remove.` }),
    },
    async run({ name, add, remove }, { api, output }) {
      const address = entity`UserGroups(${name})`
      const all = changedList(listOf(await api().entity(address), property), { add, remove })
      if (add.length + remove.length > 0) await api().write('PUT', address, { [property]: JSON.stringify(all) })
      output.result({ name, [verb]: all }, all.length === 0 ? `${name} has no ${verb}.` : all.join('\n'))
    },
  })
}

export const groupMembers = changing({
  name: 'members',
  property: 'Members',
  label: 'user',
  example: ['alice', 'bob'],
})
export const groupRoles = changing({
  name: 'roles',
  property: 'Roles',
  label: 'role',
  example: ['Orders.send', 'Stock.read'],
})
