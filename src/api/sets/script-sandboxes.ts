import { type EntitySet, flag, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, ScriptSandbox, Services } from '../services.ts'

/**
 * What holds scripts on this machine, by language, as it was found when it was tried. `Layers` is JSON: name, on, and
 * by what it is made or why it is not there. `Complete` is false where a layer is missing that hostile scripts need.
 */
export const scriptSandboxes = ({ sandboxes }: Services): EntitySet<Call> => ({
  name: 'ScriptSandboxes',
  list: { requires: roles.followDeployment, run: async () => (await sandboxes()).map(rowOf) },
  find: {
    requires: roles.followDeployment,
    run: async (key) => {
      const found = (await sandboxes()).find(({ language }) => language === textOf(key, 'Language'))
      return found && rowOf(found)
    },
  },
  type: {
    name: 'ScriptSandbox',
    key: ['Language'],
    properties: { Language: text(20), Version: text(40), Complete: flag, Layers: text() },
  },
})

const rowOf = ({ language, version, layers, missing }: ScriptSandbox) => ({
  Language: language,
  Version: version ?? null,
  Complete: missing.length === 0,
  Layers: JSON.stringify(layers),
})
