import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { list } from '../several.ts'

export const undeploy = declareCommand({
  name: 'undeploy',
  summary: 'Stops deployed artifacts. Messages in flight end; the design time keeps the artifact.',
  examples: [{ line: 'undeploy Orders', words: 'Stops the flow Orders.' }],
  positionals: { ids: list({ label: 'id', help: 'Id of a deployed artifact.', required: true }) },
  flags: {},
  async run({ ids }, { api, output }) {
    for (const id of ids)
      await output.progress(`Undeploying ${id}`, api().write('DELETE', entity`IntegrationRuntimeArtifacts(${id})`))
    output.result({ undeployed: ids }, ids.map((id) => `undeployed  ${id}`).join('\n'))
  },
})
