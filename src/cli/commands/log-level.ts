import { choice, text } from '../../fields/index.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'

export const logLevel = declareCommand({
  name: 'log-level',
  summary: 'Sets how much the message log keeps for a deployed flow.',
  examples: [{ line: 'log-level Orders TRACE', words: 'Keeps what every step of the flow Orders sees.' }],
  positionals: {
    flow: text({ label: 'flow', help: 'Id of the deployed flow.' }),
    level: choice({
      label: 'level',
      help: 'NONE keeps nothing, INFO the status, ERROR also errors, DEBUG every step, TRACE the payload before every step.',
      options: { NONE: 'None', INFO: 'Info', ERROR: 'Error', DEBUG: 'Debug', TRACE: 'Trace' },
    }),
  },
  flags: {},
  async run({ flow, level }, { api, output }) {
    await api().write('PUT', `${entity`IntegrationRuntimeArtifacts(${flow})`}/$links/LogLevel`, { LogLevel: level })
    output.result({ flow, level }, `${flow} logs at level ${level}`)
  },
})
