/**
 * Reads every integration flow of a folder of bundle folders and says how much of it Sluice can run.
 *
 *   node tools/corpus.ts <folder> [--json | --markdown] [--roundtrip] [--problems]
 *
 * `--roundtrip` also writes every bundle, reads it again and compares; `--problems` also lists the problems of
 * components that are supported as such, by code and property.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { receivers, senders } from '../src/adapters/index.ts'
import { placeWords, wordsOf } from '../src/base/index.ts'
import { checkBundle, readBundle, type SupportReport } from '../src/flow/index.ts'
import { steps } from '../src/steps/index.ts'
import { roundTripFlaws } from './corpus-roundtrip.ts'

interface Reading {
  readonly folder: string
  readonly report: SupportReport | undefined
  readonly failure: string | undefined
  readonly flaws: readonly string[]
}

/** Something that flows lack, with the folders of the flows that want it. */
interface Want {
  readonly what: string
  readonly flows: readonly string[]
}

async function read(folder: string, path: string, roundTrip: boolean): Promise<Reading> {
  try {
    const bundle = await readBundle(path)
    const report = checkBundle(bundle, { steps, receivers, senders })
    return { folder, report, failure: undefined, flaws: roundTrip ? await roundTripFlaws(bundle) : [] }
  } catch (thrown) {
    return { folder, report: undefined, failure: wordsOf(thrown), flaws: [] }
  }
}

function rank(readings: readonly Reading[], wants: (report: SupportReport) => readonly string[]): readonly Want[] {
  const flows = new Map<string, Set<string>>()
  for (const { folder, report } of readings) {
    for (const what of report === undefined ? [] : wants(report))
      flows.set(what, (flows.get(what) ?? new Set()).add(folder))
  }
  return [...flows]
    .map(([what, names]) => ({ what, flows: [...names] }))
    .sort((a, b) => b.flows.length - a.flows.length || (a.what < b.what ? -1 : 1))
}

const missing = ({ components }: SupportReport) =>
  components.filter(({ problem }) => problem !== undefined).map(({ type }) => type)

const otherProblems = ({ components, problems }: SupportReport) => {
  const types = new Map(components.map(({ id, answeredBy, type }) => [id, answeredBy ?? type]))
  return problems
    .filter(({ code }) => !code.startsWith('flow.component'))
    .map(({ code, place, message }) =>
      place.property === undefined
        ? `${code}: ${message}`
        : `${types.get(place.element ?? '') ?? ''}.${place.property}: ${message.split(`: ${place.property} `).at(-1)}`,
    )
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    roundtrip: { type: 'boolean', default: false },
    problems: { type: 'boolean', default: false },
  },
})
const [root] = positionals
if (root === undefined) {
  console.error('usage: node tools/corpus.ts <folder> [--json | --markdown] [--roundtrip] [--problems]')
  process.exit(2)
}

const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory())
const readings: Reading[] = []
for (const { name } of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  readings.push(await read(name, join(root, name), options.roundtrip))
}
const supported = readings.filter(({ report }) => report?.supported)
const failures = readings.filter(({ failure }) => failure !== undefined)
const flawed = readings.filter(({ flaws }) => flaws.length > 0)
/** Nothing is missing but values that an export leaves out. */
const configurable = readings.filter(
  ({ report }) =>
    report !== undefined && !report.supported && report.problems.every(({ code }) => code === 'flow.propertyInvalid'),
)
const wanted = rank(readings, missing)
const others = rank(readings, otherProblems)

if (options.json) {
  const flows = readings.map(({ folder, report, failure, flaws }) => ({ folder, failure, flaws, ...report }))
  console.log(
    JSON.stringify(
      { read: readings.length - failures.length, supported: supported.length, wanted, others, flows },
      null,
      2,
    ),
  )
} else if (options.markdown) {
  const table = (title: string, wants: readonly Want[]) =>
    [`| ${title} | flows |`, '|---|---|', ...wants.map(({ what, flows }) => `| ${what} | ${flows.length} |`)].join('\n')
  console.log(
    `${supported.length} of ${readings.length} integration flows deploy as they were exported, ${configurable.length} more once a parameter that was exported empty or as a placeholder has a value.\n`,
  )
  console.log(`${table('missing', wanted)}\n`)
  console.log(table('refused setting', others))
} else {
  console.log(`${readings.length - failures.length} of ${readings.length} read, ${supported.length} deploy`)
  for (const { folder, failure } of failures) console.log(`  ${folder} cannot be read: ${failure}`)
  console.log(`${wanted.length} components missing${wanted.length > 0 ? ', most wanted first' : ''}`)
  for (const { what, flows } of wanted) console.log(`${String(flows.length).padStart(5)}  ${what}`)
  if (options.problems) {
    console.log(`${others.length} other problems`)
    for (const { what, flows } of others)
      console.log(`${String(flows.length).padStart(5)}  ${what}  (${flows.slice(0, 3).join(' ')})`)
    for (const { folder, report } of readings) {
      for (const { message, place } of report?.problems ?? []) console.log(`${folder}  ${message} ${placeWords(place)}`)
    }
  }
}
if (options.roundtrip) {
  const words = `${readings.length - failures.length - flawed.length} of ${readings.length} equal after writing and reading`
  if (options.json) console.error(words)
  else console.log(words)
  for (const { folder, flaws } of flawed) for (const flaw of flaws) console.error(`  ${folder}: ${flaw}`)
}
process.exitCode = failures.length + flawed.length > 0 ? 1 : 0
