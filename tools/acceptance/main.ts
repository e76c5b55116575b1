/**
 * Runs published integration flows, as they are, against a Sluice started for it, and compares what comes out.
 *
 *   node tools/acceptance/main.ts --recipes <Git directory of SAP/apibusinesshub-integration-recipes> --fixtures <folder>
 *   node tools/acceptance/main.ts --corpus <folder of models> --fixtures <folder>      only what needs no script
 *
 * `--only 0249,0278a` runs some. Prints PASS or FAIL for each and ends with 1 when one fails.
 */
import { parseArgs } from 'node:util'

import { corpusSource, recipesSource } from './bundle-source.ts'
import { acceptanceCases, casesOfModels } from './cases/index.ts'
import { runCases } from './run-cases.ts'

const { values } = parseArgs({
  options: {
    recipes: { type: 'string' },
    corpus: { type: 'string' },
    fixtures: { type: 'string' },
    only: { type: 'string' },
  },
})
const { recipes, corpus, fixtures, only } = values
if (fixtures === undefined || (recipes === undefined) === (corpus === undefined)) {
  console.error(
    'usage: node tools/acceptance/main.ts (--recipes <git directory> | --corpus <folder>) --fixtures <folder> [--only <names>]',
  )
  process.exit(2)
}
const source = recipes === undefined ? corpusSource(corpus ?? '') : recipesSource(recipes)
const wanted = only?.split(',')
const possible = recipes === undefined ? casesOfModels(source) : acceptanceCases
const chosen = possible.filter(({ name }) => wanted?.includes(name) ?? true)
const outcomes = await runCases(chosen, source, fixtures, ({ name, proves, problem, notes }) => {
  console.log(`${problem === undefined ? 'PASS' : 'FAIL'}  ${name.padEnd(8)}  ${proves}`)
  for (const words of problem === undefined ? notes : [problem]) console.log(words.replace(/^/gm, '        '))
})
const failed = outcomes.filter(({ problem }) => problem !== undefined).length
console.log(`${outcomes.length - failed} of ${outcomes.length} pass`)
process.exitCode = failed > 0 ? 1 : 0
