import { flag, text } from '../../fields/index.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { promptSecret } from '../prompt-secret.ts'
import { changedList, listOf, showEntities } from '../registry.ts'
import { list } from '../several.ts'

const name = text({ label: 'name', help: 'Name of the user; compared without case.' })

export const userList = declareCommand({
  name: 'user list',
  summary: 'Lists the users who may call, with their roles and groups. Passwords are never shown.',
  examples: [{ line: 'user list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const columns = [
      { property: 'Name', title: 'Name' },
      { property: 'HasPassword', title: 'Password' },
      { property: 'Locked', title: 'Locked' },
      { property: 'Roles', title: 'Roles', as: 'list' },
      { property: 'Groups', title: 'Groups', as: 'list' },
      { property: 'Description', title: 'Description' },
    ] as const
    showEntities(session, await session.api().list('Users'), columns, 'There are no users.')
  },
})

export const userCreate = declareCommand({
  name: 'user create',
  summary: 'Creates a user. The password comes from a prompt or standard input, never from an argument.',
  examples: [
    { line: 'user create alice --role ESBMessaging.send', words: 'Asks for the password of the new user.' },
    { line: 'user create erp --no-password', words: 'Creates a name that certificates can be mapped to.' },
  ],
  positionals: { name },
  flags: {
    role: list({ label: 'role', help: 'Role that the user has.' }),
    description: text({ label: 'text', help: 'Who it is.', default: '', maxLength: 1024 }),
    password: flag({ label: 'Password', help: 'Leave the user without a password.', default: true }),
  },
  async run({ name, role, description, password }, { api, output, input, err }) {
    // First of all the server: nobody likes to type a password for a server that is not there.
    await api().find(entity`Users(${name})`)
    await api().write('POST', 'Users', {
      Name: name,
      Description: description,
      Roles: JSON.stringify(role),
      ...(password && { Password: await promptSecret('Password', input, err) }),
    })
    output.result({ name, done: 'created' }, `created  ${name}`)
  },
})

export const userSetPassword = declareCommand({
  name: 'user set-password',
  summary: 'Changes the password of a user, from a prompt or standard input.',
  examples: [{ line: 'user set-password alice', words: 'Asks for the new password.' }],
  positionals: { name },
  flags: {},
  async run({ name }, { api, output, input, err }) {
    const address = entity`Users(${name})`
    await api().entity(address)
    await api().write('PUT', address, { Password: await promptSecret('New password', input, err) })
    output.result({ name, done: 'changed' }, `changed  ${name}`)
  },
})

const setLocked = (locked: boolean, verb: 'lock' | 'unlock', summary: string) =>
  declareCommand({
    name: `user ${verb}`,
    summary,
    examples: [{ line: `user ${verb} alice`, words: locked ? 'Refuses every call of hers.' : 'Lets her call again.' }],
    positionals: { name },
    flags: {},
    async run({ name }, { api, output }) {
      await api().write('PUT', entity`Users(${name})`, { Locked: locked })
      output.result({ name, done: `${verb}ed` }, `${verb}ed  ${name}`)
    },
  })

export const userLock = setLocked(true, 'lock', 'Locks a user: neither password nor certificate identifies it.')
export const userUnlock = setLocked(false, 'unlock', 'Unlocks a user, also one locked by too many wrong passwords.')

export const userDelete = declareCommand({
  name: 'user delete',
  summary: 'Deletes a user with its certificate mappings.',
  examples: [{ line: 'user delete alice', words: 'Deletes her.' }],
  positionals: { name },
  flags: {},
  async run({ name }, { api, output }) {
    await api().write('DELETE', entity`Users(${name})`)
    output.result({ name, done: 'deleted' }, `deleted  ${name}`)
  },
})

export const userRoles = declareCommand({
  name: 'user roles',
  summary: 'Shows the roles of a user, or gives and takes some.',
  examples: [
    { line: 'user roles alice', words: 'Shows them.' },
    { line: 'user roles alice --add Orders.send --remove ESBMessaging.send', words: 'Gives one and takes another.' },
  ],
  positionals: { name },
  flags: {
    add: list({ label: 'role', help: 'Role to give.' }),
    remove: list({ label: 'role', help: 'Role to take away.' }),
  },
  async run({ name, add, remove }, { api, output }) {
    const address = entity`Users(${name})`
    const before = listOf(await api().entity(address), 'Roles')
    const roles = changedList(before, { add, remove })
    if (add.length + remove.length > 0) await api().write('PUT', address, { Roles: JSON.stringify(roles) })
    output.result({ name, roles }, roles.length === 0 ? `${name} has no roles.` : roles.join('\n'))
  },
})
