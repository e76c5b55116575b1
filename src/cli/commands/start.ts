import { declareCommand } from '../command.ts'

export const start = declareCommand({
  name: 'start',
  summary:
    'Starts the server in the foreground; it prints its addresses and then "Sluice is ready". Settings come from SLUICE_... variables.',
  examples: [{ line: 'start', words: 'Starts with everything in ./data; the first start creates it.' }],
  positionals: {},
  flags: {},
  async run() {
    // The server lives in this process from here on: signals and the exit code are its own.
    await import(new URL('../../app/main.ts', import.meta.url).href)
  },
})
