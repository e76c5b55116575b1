import { plain, textOf } from '../api/entity.ts'
import { declareCommand } from '../command.ts'
import { table } from '../table.ts'

export const credentialsList = declareCommand({
  name: 'credentials list',
  summary: 'Lists the user credentials that flows may use. Passwords are never shown.',
  examples: [{ line: 'credentials list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, { api, output }) {
    const found = await api().list('UserCredentials')
    const names = ['Name', 'Kind', 'User', 'Description']
    const rows = found.map((each) => names.map((name) => textOf(each, name)))
    output.result(
      found.map((each) => plain(each, names)),
      rows.length === 0 ? 'There are no credentials.' : table(names, rows),
    )
  },
})
