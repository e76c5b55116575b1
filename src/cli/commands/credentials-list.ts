import { declareCommand } from '../command.ts'
import { materialSets, materialType } from '../material-sets.ts'
import { showEntities } from '../registry.ts'

export const credentialsList = declareCommand({
  name: 'credentials list',
  summary: 'Lists the security material of one type that flows may use. Secrets are never shown.',
  examples: [
    { line: 'credentials list', words: 'Lists the user credentials.' },
    { line: 'credentials list --type oauth2-client-credentials', words: 'Lists the OAuth2 clients.' },
  ],
  positionals: {},
  flags: { type: materialType },
  async run({ type }, session) {
    const { set, columns } = materialSets[type]!
    showEntities(session, await session.api().list(set), columns, 'There are no credentials.')
  },
})
