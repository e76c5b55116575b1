import type { Parameter } from '../../flow/index.ts'
import { type EntitySet, type Navigation, type Row, text } from '../../odata/index.ts'
import { refOf } from '../design-artifacts.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const row = ({ name, value, type, description }: Parameter): Row => ({
  ParameterKey: name,
  ParameterValue: value,
  DataType: type,
  Description: description,
})

/** The type of externalised parameters; they are reached through their flow. */
export const configurations: EntitySet<Call> = {
  name: 'Configurations',
  type: {
    name: 'Configuration',
    key: ['ParameterKey'],
    properties: { ParameterKey: text(), ParameterValue: text(), DataType: text(), Description: text() },
  },
}

/** From a flow to its externalised parameters. */
export const configurationsOf = ({ design }: Services): Navigation<Call> => ({
  to: configurations.name,
  many: true,
  of: (parent) => {
    const ref = refOf(parent, 'IntegrationFlow')
    return {
      list: { requires: roles.readContent, run: async () => (await design.configurations.list(ref)).map(row) },
      update: {
        requires: roles.configure,
        status: 202,
        run: (key, body, { caller }) =>
          design.configurations.set(ref, textOf(key, 'ParameterKey'), textOf(body, 'ParameterValue'), caller.name),
      },
    }
  },
})
