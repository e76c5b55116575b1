/** Runs the tests that need nothing but Node: beside the code, and those of the house and its contracts. */
import { spawnSync } from 'node:child_process'

const files = ['src/**/*.test.ts', 'test/*.test.ts', 'test/contracts/**/*.test.ts', 'test/journeys/**/*.test.ts']
const given = process.argv.slice(2)
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-timeout=120000', ...(given.length > 0 ? given : files)],
  {
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
