import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { it } from 'node:test'

/** Files that may be longer than 400 lines, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {}

it('no file grows beyond 400 lines', () => {
  const long = globSync('{src,test,tools,bench}/**/*.ts')
    .filter((file) => !(file in exceptions))
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 400)
  assert.deepEqual(long, [])
})
