import { text } from '../../fields/index.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { materialSets, materialType } from '../material-sets.ts'

export const credentialsRemove = declareCommand({
  name: 'credentials remove',
  summary: 'Removes security material that no flow uses.',
  examples: [
    { line: 'credentials remove BACKEND', words: 'Removes the user credential BACKEND.' },
    { line: 'credentials remove TOKEN --type secure-parameter', words: 'Removes the secure parameter TOKEN.' },
  ],
  positionals: { name: text({ label: 'name', help: 'Name under which flows refer to it.' }) },
  flags: { type: materialType },
  async run({ name, type }, { api, output }) {
    await api().write('DELETE', `${materialSets[type]!.set}${entity`(${name})`}`)
    output.result({ name, done: 'removed' }, `removed  ${name}`)
  },
})
