/**
 * Published models: each is read, written and read again, and those that need nothing else are run. CORPUS and
 * FIXTURES name the folders.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'

import { receivers, senders } from '../../src/adapters/index.ts'
import { checkBundle, readBundle } from '../../src/flow/index.ts'
import { steps } from '../../src/steps/index.ts'
import { corpusSource } from '../../tools/acceptance/bundle-source.ts'
import { casesOfModels } from '../../tools/acceptance/cases/index.ts'
import { runCases } from '../../tools/acceptance/run-cases.ts'
import { roundTripFlaws } from '../../tools/corpus-roundtrip.ts'

function folderNamed(variable: string): string {
  const folder = process.env[variable]
  if (!folder) throw new Error(`the environment variable ${variable} must name the folder (.ci/run sets it)`)
  return folder
}

const corpus = folderNamed('CORPUS')
const fixtures = folderNamed('FIXTURES')
const numbers = readdirSync(corpus, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

it('every model is read, and says of each part of it whether it can be run', async () => {
  assert.ok(numbers.length > 200, `only ${numbers.length} models`)
  for (const number of numbers) {
    const report = checkBundle(await readBundle(join(corpus, number)), { steps, receivers, senders })
    assert.ok(report.components.length > 0, number)
    assert.equal(report.supported, report.problems.length === 0, number)
  }
})

it('every model is the same after writing and reading', async () => {
  for (const number of numbers)
    assert.deepEqual(await roundTripFlaws(await readBundle(join(corpus, number))), [], number)
})

it('what needs only its model runs as it should', async () => {
  const source = corpusSource(corpus)
  const outcomes = await runCases(casesOfModels(source), source, fixtures)
  assert.ok(outcomes.length >= 7, `only ${outcomes.length} cases`)
  assert.deepEqual(
    outcomes.filter(({ problem }) => problem !== undefined),
    [],
  )
})
