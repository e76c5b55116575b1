/**
 * Runs the tests that need nothing but Node: beside the code, and those of the house and its contracts. They have a
 * temporary folder of their own; a run that leaves something there has failed.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'

import { temporaryFolder } from '../test/kit/temporary-folder.ts'

const files = ['src/**/*.test.ts', 'test/*.test.ts', 'test/contracts/**/*.test.ts', 'test/journeys/**/*.test.ts']
const given = process.argv.slice(2)
const temporary = temporaryFolder('run')
chmodSync(temporary, 0o755)
// The tests end by it; this process has to delete what they leave.
process.on('SIGINT', () => {})
const { status } = spawnSync(
  process.execPath,
  // By default the runner leaves a processor idle, which is half of a small machine.
  [
    '--test',
    '--test-timeout=120000',
    `--test-concurrency=${availableParallelism()}`,
    ...(given.length > 0 ? given : files),
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: temporary },
  },
)
const left = readdirSync(temporary)
if (left.length > 0) console.error(`left behind in ${temporary}: ${left.join(', ')}`)
process.exitCode = (status ?? 1) || (left.length > 0 ? 1 : 0)
