import { receivers, senders } from '../../adapters/index.ts'
import { placeWords } from '../../base/index.ts'
import { flag, text } from '../../fields/index.ts'
import {
  type Bundle,
  type BundleSignature,
  type CapabilityDifference,
  capabilityDifference,
  capabilityGrowth,
  checkBundle,
  collectionsOf,
  inferCapabilities,
  inferGrants,
  type Problem,
  type SupportReport,
  trustPublishers,
  verifyBundle,
} from '../../flow/index.ts'
import { needsCodeNarc, readLintCodes, reviewBundles, type ScriptReview } from '../../lint/index.ts'
import { steps } from '../../steps/index.ts'
import { capabilityTable, keptCapabilities, type KeptCapabilities } from '../capabilities.ts'
import { localCodeNarc } from '../codenarc.ts'
import { declareCommand } from '../command.ts'
import { readBytes } from '../files.ts'
import { findingWords, missedWords } from '../finding-words.ts'
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
    'Says of every step and adapter whether it can be run here, and lists everything that stands in the way. Needs no server but for --against-deployed.',
  examples: [
    { line: 'check package.zip', words: 'Checks all artifacts of a package export.' },
    {
      line: 'check ./orders --param address=/orders --json',
      words: 'Checks a flow in a folder with a value for a parameter.',
    },
  ],
  positionals: { sources: list({ label: 'zip or folder', help: 'An artifact or a package export.', required: true }) },
  flags: {
    param: pairs({ label: 'name=value', help: 'Value of an externalised parameter.' }),
    stop: text({
      label: 'code,code',
      help: 'Rules for scripts that make the check fail, by their codes or severities (error, warning, info).',
      default: '',
    }),
    'no-codenarc': flag({
      label: 'No CodeNarc',
      help: 'Leave out the rules of CodeNarc, which take some seconds and need Java.',
      default: false,
    }),
    'against-deployed': flag({
      label: 'Against deployed',
      help: 'Ask the server for what was approved, and say what this version may use beyond it.',
      default: false,
    }),
    publisher: list({
      label: 'file',
      help: 'Certificate of a publisher, or of a CA that issues such, in PEM; says whose signature the artifact bears.',
    }),
  },
  async run({ sources: paths, param, stop, publisher, 'no-codenarc': leftOut, 'against-deployed': against }, session) {
    const { output, folder } = session
    const stopping = readLintCodes(stop)
    const sources = await readSources(paths, folder)
    const bundles = sources.map(({ bundle }) => bundle)
    const publishers = await Promise.all(publisher.map((file) => readBytes(session, file, 'certificate')))
    const trust = trustPublishers(publishers.map(String), Date.now)
    const signatures = await Promise.all(bundles.map((bundle) => verifyBundle(bundle, trust)))
    const deployed = against ? await keptCapabilities(session) : undefined
    const reviews = await reviewBundles(bundles, leftOut ? undefined : localCodeNarc(session))
    const reports = bundles.map((bundle, index) => ({
      ...checkBundle(bundle, catalog, Object.fromEntries(param)),
      grants: grantsIn(bundle, bundles, param),
      ...(reviews[index] ?? { findings: [], codeNarc: { status: 'left out' as const } }),
      ...(deployed && { capabilities: comparedWith(deployed, withValues(bundle, param)) }),
      signature: signatures[index] ?? { status: 'none' as const },
    }))
    const deployable = reports.filter(({ supported }) => supported).length
    const words = reports.map((report) => reportWords(report, output))
    if (reports.length > 1) words.push(`${deployable} of ${reports.length} artifacts are deployable.`)
    const missed = reports.map(({ codeNarc }) => codeNarc).find(({ status }) => status === 'failed')
    words.push(missedWords(missed, output))
    output.result(reports, words.filter(Boolean).join('\n\n\n'))
    const asked = needsCodeNarc(stopping)
    const stopped = reports.some(
      ({ findings, codeNarc: { status } }) =>
        findings.some(({ code }) => stopping.has(code) || (asked && code === 'not-reviewed')) ||
        // What CodeNarc was to be asked about is not known to be good.
        (asked && (status === 'failed' || status === 'left out')),
    )
    return deployable === reports.length && !stopped ? 0 : 1
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
  return bundle.type === 'IntegrationFlow'
    ? asFlowGrants(inferGrants(withValues(bundle, values), catalog, collections))
    : []
}

const withValues = (bundle: Bundle, values: ReadonlyMap<string, string>): Bundle => ({
  ...bundle,
  parameters: bundle.parameters.map((each) => ({ ...each, value: values.get(each.name) ?? each.value })),
})

/** What the artifact may use beyond, and no more than, its version on the server; `growth` is what may need approval. */
function comparedWith(deployed: readonly KeptCapabilities[], bundle: Bundle): Compared | undefined {
  if (bundle.type !== 'IntegrationFlow' && bundle.type !== 'ScriptCollection') return undefined
  const kept = deployed.find(({ id }) => id === bundle.id)
  const before = kept && { flowId: kept.id, capabilities: kept.capabilities }
  const after = inferCapabilities(bundle, catalog)
  return { ...capabilityDifference(before, after), growth: capabilityGrowth(before, after) }
}

type Compared = CapabilityDifference & Pick<KeptCapabilities, 'growth'>

type Report = SupportReport &
  ScriptReview & {
    readonly grants: readonly FlowGrant[]
    readonly signature: BundleSignature
    readonly capabilities?: Compared | undefined
  }

function reportWords(
  { id, type, supported, components, problems, notes, grants, findings, signature, capabilities }: Report,
  output: Output,
): string {
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
    capabilities && comparedWords(capabilities, output),
    listed('Problems', problems, output),
    listed('Notes', notes, output),
    findingWords(findings, output),
    signatureWords(signature, output),
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

function comparedWords({ added, removed, growth }: Compared, output: Output): string {
  const verdict = growth.length > 0 ? output.tone('grows', 'bad') : output.tone('does not grow', 'good')
  return [
    `Against what is deployed: ${verdict}`,
    added.length > 0 && `Added\n${capabilityTable(added)}`,
    removed.length > 0 && `Removed\n${capabilityTable(removed)}`,
  ]
    .filter(Boolean)
    .join('\n\n')
}

function signatureWords(signature: BundleSignature, output: Output): string {
  switch (signature.status) {
    case 'none':
      return ''
    case 'valid':
      return `Signed by ${signature.signer.subject}: ${output.tone('trusted', 'good')}`
    case 'untrusted':
      return `Signed by ${signature.signer.subject}: ${output.tone('not trusted', 'bad')}, ${signature.why}`
    default:
      return `The signature is ${output.tone('invalid', 'bad')}: ${signature.why}`
  }
}
