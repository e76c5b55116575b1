import { choice, text } from '../../fields/index.ts'
import { textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { promptSecret } from '../prompt-secret.ts'
import { givenOnly } from '../put-material.ts'

export const credentialsSet = declareCommand({
  name: 'credentials set',
  summary:
    'Creates or changes a user credential. The password comes from a prompt or standard input, never from an argument.',
  examples: [
    { line: 'credentials set BACKEND --user svc', words: 'Asks for the password.' },
    { line: 'credentials set BACKEND --user svc < password.txt', words: 'Takes the first line of a file.' },
    {
      line: 'credentials set SF --user api --type successfactors --company-id ACME',
      words: 'A credential for SuccessFactors.',
    },
  ],
  positionals: { name: text({ label: 'name', help: 'Name under which flows refer to it.', maxLength: 150 }) },
  flags: {
    user: text({ label: 'user', help: 'User name.', maxLength: 200 }),
    description: text({ label: 'text', help: 'What it is for.', default: '', maxLength: 1024 }),
    type: choice({
      label: 'type',
      help: 'What the credential is for.',
      options: { default: 'User Credentials', successfactors: 'SuccessFactors' },
      default: 'default',
    }),
    'company-id': text({ label: 'company', help: 'Company ID of SuccessFactors.', default: '', maxLength: 200 }),
  },
  async run({ name, user, description, type, 'company-id': companyId }, { api, output, input, err }) {
    const address = entity`UserCredentials(${name})`
    // First of all the server: nobody likes to type a password for a server that is not there.
    const before = await api().find(address)
    const password = await promptSecret('Password', input, err)
    const body = {
      Name: name,
      Kind: type === 'default' && before ? textOf(before, 'Kind') || type : type,
      Description: description || (before ? textOf(before, 'Description') : ''),
      User: user,
      Password: password,
      ...givenOnly({ CompanyId: companyId }),
    }
    if (before === undefined) await api().write('POST', 'UserCredentials', body)
    else await api().write('PUT', address, body)
    const done = before === undefined ? 'created' : 'changed'
    output.result({ name, user, done }, `${done}  ${name}`)
  },
})
