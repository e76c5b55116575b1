import process from 'node:process'

import { systemClock } from '../base/index.ts'
import { runCommand } from './run-command.ts'

// A reader that closes the pipe early, such as head, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  folder: process.cwd(),
  input: process.stdin,
  out: process.stdout,
  err: process.stderr,
  clock: systemClock,
  signal: new AbortController().signal,
})
