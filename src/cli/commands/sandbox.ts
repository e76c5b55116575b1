import { textOf } from '../api/entity.ts'
import { declareCommand } from '../command.ts'
import { table } from '../table.ts'

interface Layer {
  readonly name: string
  readonly on: boolean
  readonly why: string
}

export const sandbox = declareCommand({
  name: 'sandbox',
  summary: 'Shows what holds scripts on the machine of Sluice, layer by layer, and why a layer is missing.',
  examples: [{ line: 'sandbox', words: 'Shows the layers for each language.' }],
  positionals: {},
  flags: {},
  async run(_, { api, output }) {
    const found = (await api().list('ScriptSandboxes')).map((row) => ({
      language: textOf(row, 'Language'),
      version: textOf(row, 'Version'),
      complete: row.Complete === true,
      layers: JSON.parse(textOf(row, 'Layers')) as readonly Layer[],
    }))
    const words = found.map(({ language, version, complete, layers }) => {
      const title = [language, version, complete ? '' : '(not complete: run no script that you do not trust)']
      const rows = layers.map(({ name, on, why }) => [name, on ? 'on' : 'off', why])
      return `${title.filter(Boolean).join(' ')}\n${table(['Layer', 'State', 'Why'], rows)}`
    })
    output.result(
      found,
      words.join('\n\n') || 'It was not tried yet: that takes a moment after the start, or a first script.',
    )
  },
})
