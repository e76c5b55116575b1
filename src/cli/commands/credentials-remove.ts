import { text } from '../../fields/index.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'

export const credentialsRemove = declareCommand({
  name: 'credentials remove',
  summary: 'Removes a user credential. Flows that use it fail from then on.',
  examples: [{ line: 'credentials remove BACKEND', words: 'Removes the credential BACKEND.' }],
  positionals: { name: text({ label: 'name', help: 'Name of the credential.' }) },
  flags: {},
  async run({ name }, { api, output }) {
    await api().write('DELETE', entity`UserCredentials(${name})`)
    output.result({ name, done: 'removed' }, `removed  ${name}`)
  },
})
