import { receivers, senders } from '../../adapters/index.ts'
import { text } from '../../fields/index.ts'
import {
  capabilityDifference,
  capabilityGrowth,
  type CapabilityManifest,
  fingerprintOf,
  inferCapabilities,
} from '../../flow/index.ts'
import { steps } from '../../steps/index.ts'
import { literal, query } from '../api/odata-address.ts'
import { capabilityTable, keptCapabilities, type KeptCapabilities } from '../capabilities.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readSources } from '../read-source.ts'
import { list } from '../several.ts'
import type { Session } from '../session.ts'
import { table } from '../table.ts'

const catalog = { steps, receivers, senders }

/** Of each flow and script collection by itself, as it is approved: a flow names the collections that it calls. */
const manifestsOf = async (paths: readonly string[], folder: string): Promise<readonly CapabilityManifest[]> =>
  (await readSources(paths, folder))
    .filter(({ bundle: { type } }) => type === 'IntegrationFlow' || type === 'ScriptCollection')
    .map(({ bundle }) => inferCapabilities(bundle, catalog))

export const capabilitiesShow = declareCommand({
  name: 'capabilities show',
  summary: 'Lists what flows may use, as it is read from their models and scripts. Needs no server.',
  examples: [
    { line: 'capabilities show orders.zip', words: 'Shows credentials, keys, hosts and what else a flow names.' },
  ],
  positionals: { sources: list({ label: 'zip or folder', help: 'An artifact or a package export.', required: true }) },
  flags: {},
  async run({ sources }, { output, folder }) {
    const manifests = (await manifestsOf(sources, folder)).map((one) => ({ ...one, fingerprint: fingerprintOf(one) }))
    const words = manifests.map(({ flowId, capabilities }) => `${flowId}\n\n${capabilityTable(capabilities)}`)
    output.result(manifests, words.join('\n\n\n'))
  },
})

export const capabilitiesDiff = declareCommand({
  name: 'capabilities diff',
  summary: 'Says what a version of a flow may use that another may not. Ends with 1 where it grows. Needs no server.',
  examples: [{ line: 'capabilities diff orders-1.zip orders-2.zip', words: 'Compares two versions.' }],
  positionals: {
    before: text({ label: 'zip or folder', help: 'The artifact or package export before.' }),
    after: text({ label: 'zip or folder', help: 'The same afterwards.' }),
  },
  flags: {},
  async run({ before, after }, { output, folder }) {
    const [old, now] = await Promise.all([manifestsOf([before], folder), manifestsOf([after], folder)])
    const found = now.map((manifest) => {
      const had = old.find(({ flowId }) => flowId === manifest.flowId)
      const growth = capabilityGrowth(had, manifest)
      return { flowId: manifest.flowId, ...capabilityDifference(had, manifest), growth }
    })
    const words = found.map(({ flowId, added, removed, growth }) =>
      [
        `${flowId}  ${growth.length > 0 ? output.tone('grows', 'bad') : output.tone('does not grow', 'good')}`,
        `Added\n${capabilityTable(added)}`,
        `Removed\n${capabilityTable(removed)}`,
      ].join('\n\n'),
    )
    output.result(found, words.join('\n\n\n'))
    return found.some(({ growth }) => growth.length > 0) ? 1 : 0
  },
})

const artifact = text({ label: 'artifact', help: 'Id of the flow or script collection.' })
const fingerprint = text({
  label: 'fingerprint',
  help: 'Of what you have looked at (capabilities list --json); default: what waits now.',
  default: '',
})

export const capabilitiesList = declareCommand({
  name: 'capabilities list',
  summary: 'Lists what deployed flows and script collections may use, and what of it waits for approval.',
  examples: [
    { line: 'capabilities list', words: 'Lists all that is deployed.' },
    { line: 'capabilities list Orders', words: 'Shows the manifest of one, and what grows.' },
  ],
  positionals: { artifact: text({ label: 'artifact', help: 'Id of the flow or script collection.', default: '' }) },
  flags: {},
  async run({ artifact }, session) {
    const { output } = session
    const found = artifact === '' ? await keptCapabilities(session) : [await keptOf(session, artifact)]
    const rows = found.map(({ id, status, deployedBy, approvedBy, growth }) => [
      id,
      output.tone(status, status === 'ADMITTED' ? 'good' : 'bad'),
      String(growth.length),
      deployedBy,
      approvedBy,
    ])
    const one = artifact === '' ? undefined : found[0]
    const words = [
      found.length === 0
        ? 'Nothing is deployed.'
        : table(['Id', 'Status', 'Grows by', 'Deployed by', 'Approved by'], rows),
      one && `May use\n${capabilityTable(one.capabilities)}`,
      one && one.growth.length > 0 && `Wants besides\n${capabilityTable(one.growth)}`,
    ]
    output.result(found, words.filter(Boolean).join('\n\n'))
  },
})

export const capabilitiesApprove = declareCommand({
  name: 'capabilities approve',
  summary: 'Approves what a deployment wants beyond what was approved before, and has it deployed.',
  examples: [{ line: 'capabilities approve Orders', words: 'Shows what is new, and approves it.' }],
  positionals: { artifact },
  flags: { fingerprint },
  run: (given, session) => say(session, given, 'approve'),
})

export const capabilitiesReject = declareCommand({
  name: 'capabilities reject',
  summary: 'Rejects what a deployment wants beyond what was approved before; the version before keeps running.',
  examples: [{ line: 'capabilities reject Orders', words: 'Deploying the same again is refused from now on.' }],
  positionals: { artifact },
  flags: { fingerprint },
  run: (given, session) => say(session, given, 'reject'),
})

async function say(
  session: Session,
  { artifact, fingerprint }: { readonly artifact: string; readonly fingerprint: string },
  word: 'approve' | 'reject',
): Promise<void> {
  const { growth, ...kept } = await keptOf(session, artifact)
  const given = { Id: literal(artifact), Fingerprint: literal(fingerprint || kept.fingerprint) }
  await session.api().write('POST', `${word === 'approve' ? 'Approve' : 'Reject'}Capabilities${query(given)}`)
  const done = word === 'approve' ? 'approved' : 'rejected'
  session.output.result({ artifact, growth, done }, `${done}  ${artifact}\n\n${capabilityTable(growth)}`)
}

/** @throws cli.entryUnknown */
async function keptOf(session: Session, artifact: string): Promise<KeptCapabilities> {
  const [found] = (await keptCapabilities(session)).filter(({ id }) => id === artifact)
  if (found === undefined)
    throw faults.entryUnknown({ what: 'deployed artifact', wanted: artifact, list: 'capabilities list' })
  return found
}
