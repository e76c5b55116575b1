import { receivers, senders } from '../../adapters/index.ts'
import { placeWords } from '../../base/index.ts'
import {
  type Bundle,
  checkBundle,
  collectionsOf,
  inferGrants,
  type Problem,
  type SupportReport,
} from '../../flow/index.ts'
import { steps } from '../../steps/index.ts'
import { declareCommand } from '../command.ts'
import { asFlowGrants, type FlowGrant, mayUseWords } from '../may-use.ts'
import type { Output } from '../output.ts'
import { problemWords } from '../problems.ts'
import { readSources } from '../read-source.ts'
import { list, pairs } from '../several.ts'
import { table } from '../table.ts'

const catalog = { steps, receivers, senders }

export const check = declareCommand({
  name: 'check',
  summary:
    'Says of every step and adapter whether it can be run here, and lists everything that stands in the way. Needs no server.',
  examples: [
    { line: 'check package.zip', words: 'Checks all artifacts of a package export.' },
    {
      line: 'check ./orders --param address=/orders --json',
      words: 'Checks a flow in a folder with a value for a parameter.',
    },
  ],
  positionals: { sources: list({ label: 'zip or folder', help: 'An artifact or a package export.', required: true }) },
  flags: { param: pairs({ label: 'name=value', help: 'Value of an externalised parameter.' }) },
  async run({ sources: paths, param }, { output, folder }) {
    const sources = await readSources(paths, folder)
    const bundles = sources.map(({ bundle }) => bundle)
    const reports = bundles.map((bundle) => ({
      ...checkBundle(bundle, catalog, Object.fromEntries(param)),
      grants: grantsIn(bundle, bundles, param),
    }))
    const deployable = reports.filter(({ supported }) => supported).length
    const words = reports.map((report) => reportWords(report, output))
    if (reports.length > 1) words.push(`${deployable} of ${reports.length} artifacts are deployable.`)
    output.result(reports, words.join('\n\n\n'))
    return deployable === reports.length ? 0 : 1
  },
})

/** What the flow would be granted, with what is checked along with it. */
function grantsIn(
  bundle: Bundle,
  others: readonly Bundle[],
  values: ReadonlyMap<string, string>,
): readonly FlowGrant[] {
  const called = collectionsOf(bundle)
  const collections = others.filter(({ id, type }) => type === 'ScriptCollection' && called.includes(id))
  const parameters = bundle.parameters.map((each) => ({ ...each, value: values.get(each.name) ?? each.value }))
  return bundle.type === 'IntegrationFlow'
    ? asFlowGrants(inferGrants({ ...bundle, parameters }, catalog, collections))
    : []
}

type Report = SupportReport & { readonly grants: readonly FlowGrant[] }

function reportWords({ id, type, supported, components, problems, notes, grants }: Report, output: Output): string {
  const verdict = supported ? output.tone('deployable', 'good') : output.tone('not deployable', 'bad')
  const rows = components.map((component) => [
    component.supported ? output.tone('yes', 'good') : output.tone('no', 'bad'),
    component.kind,
    component.type,
    component.name,
    component.process,
  ])
  return [
    `${id}  ${type}  ${verdict}`,
    rows.length === 0 ? '' : table(['Runs', 'Kind', 'Type', 'Name', 'Process'], rows),
    mayUseWords(grants),
    listed('Problems', problems, output),
    listed('Notes', notes, output),
  ]
    .filter(Boolean)
    .join('\n\n')
}

const listed = (title: string, problems: readonly Problem[], output: Output): string =>
  problems.length === 0
    ? ''
    : `${title}\n${problemWords(
        problems.map((each) => ({ ...each, place: placeWords(each.place) })),
        output,
      )}`
