import { text } from '../../fields/index.ts'
import { entity, literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { writeNew } from '../files.ts'
import { showEntities } from '../registry.ts'
import { list } from '../several.ts'

const name = text({ label: 'name', help: 'Name of the role: letters, digits, _ and dots.' })

export const roleList = declareCommand({
  name: 'role list',
  summary: 'Lists the user roles that flows can ask for, with who has each.',
  examples: [{ line: 'role list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const columns = [
      { property: 'Name', title: 'Name' },
      { property: 'Owner', title: 'Owner' },
      { property: 'UsedBy', title: 'Used by', as: 'list' },
      { property: 'Description', title: 'Description' },
    ] as const
    showEntities(session, await session.api().list('UserRoles'), columns, 'There are no roles.')
  },
})

export const roleCreate = declareCommand({
  name: 'role create',
  summary: 'Creates a user role.',
  examples: [{ line: 'role create Orders.send', words: 'Creates a role that a flow can ask for.' }],
  positionals: { name },
  flags: { description: text({ label: 'text', help: 'What it allows.', default: '', maxLength: 1024 }) },
  async run({ name, description }, { api, output }) {
    await api().write('POST', 'UserRoles', { Name: name, Description: description })
    output.result({ name, done: 'created' }, `created  ${name}`)
  },
})

export const roleDelete = declareCommand({
  name: 'role delete',
  summary: 'Deletes a user role. Nobody has it from then on.',
  examples: [{ line: 'role delete Orders.send', words: 'Deletes it.' }],
  positionals: { name },
  flags: {},
  async run({ name }, { api, output }) {
    await api().write('DELETE', entity`UserRoles(${name})`)
    output.result({ name, done: 'deleted' }, `deleted  ${name}`)
  },
})

export const roleDownload = declareCommand({
  name: 'role download',
  summary: 'Prints roles as JSON, in the form in which the parameters of a service instance take them.',
  examples: [{ line: 'role download Orders.send Stock.read', words: 'Prints {"roles":["Orders.send","Stock.read"]}.' }],
  positionals: { names: list({ label: 'name', help: 'Roles to print; without them all.' }) },
  flags: { out: text({ label: 'file', help: 'Write it to this new file.', default: '' }) },
  async run({ names, out }, session) {
    const { api, output } = session
    const wanted = names.length === 0 ? {} : { Names: literal(names.join(',')) }
    const content = (await api().content(`DownloadUserRoles${query(wanted)}`))?.toString() ?? ''
    if (out === '') return output.result(JSON.parse(content), content)
    writeNew(session, out, content, false)
    output.result({ file: out }, `written  ${out}`)
  },
})
