import { readFileSync } from 'node:fs'

import { declareCommand } from '../command.ts'

export const version = declareCommand({
  name: 'version',
  summary: 'Prints the version of this command line and of the Node it runs on.',
  examples: [{ line: 'version', words: 'Prints both.' }],
  positionals: {},
  flags: {},
  async run(_, { output }) {
    const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
    const { version: own } = JSON.parse(manifest) as { readonly version: string }
    output.result({ version: own, node: process.versions.node }, `sluice ${own} (node ${process.versions.node})`)
  },
})
