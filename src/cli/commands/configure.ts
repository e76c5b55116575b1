import { flag, text } from '../../fields/index.ts'
import { plain, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { deployArtifact, outcomeWords } from '../deployment.ts'
import { faults } from '../faults.ts'
import { suggestion } from '../nearest.ts'
import { pairs } from '../several.ts'
import { table } from '../table.ts'

export const configure = declareCommand({
  name: 'configure',
  summary:
    'Lists the externalised parameters of a flow, or sets some of them. They take effect with the next deployment.',
  examples: [
    { line: 'configure Orders', words: 'Lists the parameters of the flow Orders.' },
    { line: 'configure Orders address=/orders role=Orders.send --deploy', words: 'Sets two and deploys the flow.' },
  ],
  positionals: {
    flow: text({ label: 'flow', help: 'Id of the flow in the design time.' }),
    parameters: pairs({ label: 'name=value', help: 'Parameters to set; without them all are listed.' }),
  },
  flags: {
    deploy: flag({
      label: 'Deploy',
      help: 'Deploy the flow afterwards and wait until it has started.',
      default: false,
    }),
  },
  async run({ flow, parameters, deploy }, session) {
    const { api, output } = session
    const address = entity`IntegrationDesigntimeArtifacts(Id=${flow},Version=${'active'})`
    const known = await api().list(`${address}/Configurations`)
    const names = known.map((each) => textOf(each, 'ParameterKey'))
    const problems = [...parameters.keys()]
      .filter((name) => !names.includes(name))
      .map((name) => `${flow} has no parameter ${name}${suggestion(name, names)}`)
    if (problems.length > 0) throw faults.usage({ problems, command: 'configure' })
    for (const [name, value] of parameters) {
      await api().write('PUT', `${address}/$links/${entity`Configurations(${name})`}`, { ParameterValue: value })
    }
    const outcome = deploy
      ? await deployArtifact(session, { id: flow, type: 'IntegrationFlow', wait: true })
      : undefined
    const now = known.map((each) => {
      const name = textOf(each, 'ParameterKey')
      return { ...each, ParameterValue: parameters.get(name) ?? textOf(each, 'ParameterValue') }
    })
    const rows = now.map((each) =>
      ['ParameterKey', 'ParameterValue', 'DataType', 'Description'].map((name) => textOf(each, name)),
    )
    const listed =
      rows.length === 0
        ? `${flow} has no externalised parameters.`
        : table(['Name', 'Value', 'Type', 'Description'], rows)
    const values = now.map((each) => plain(each, ['ParameterKey', 'ParameterValue', 'DataType', 'Description']))
    output.result(
      { flow, parameters: values, ...(outcome && { deployment: outcome }) },
      [listed, outcome && outcomeWords(outcome, output)].filter(Boolean).join('\n\n'),
    )
    return outcome?.status === 'ERROR' ? 1 : 0
  },
})
