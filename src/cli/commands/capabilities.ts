import { receivers, senders } from '../../adapters/index.ts'
import { text } from '../../fields/index.ts'
import {
  type Bundle,
  type Capability,
  capabilityDifference,
  capabilityGrowth,
  type CapabilityManifest,
  collectionsOf,
  fingerprintOf,
  inferCapabilities,
} from '../../flow/index.ts'
import { steps } from '../../steps/index.ts'
import { declareCommand } from '../command.ts'
import { readSources } from '../read-source.ts'
import { list } from '../several.ts'
import { table } from '../table.ts'

const catalog = { steps, receivers, senders }

const rowOf = ({ kind, name, basis, where }: Capability): readonly string[] => [
  kind,
  name === '*' ? 'any' : name,
  basis,
  where,
]
const tableOf = (capabilities: readonly Capability[]): string =>
  capabilities.length === 0 ? 'none' : table(['Kind', 'Name', 'Basis', 'Place'], capabilities.map(rowOf))

/** Of each flow, with the script collections that are read along with it. */
async function manifestsOf(paths: readonly string[], folder: string): Promise<readonly CapabilityManifest[]> {
  const bundles = (await readSources(paths, folder)).map(({ bundle }) => bundle)
  const collectionsFor = (flow: Bundle): readonly Bundle[] => {
    const called = collectionsOf(flow)
    return bundles.filter(({ id, type }) => type === 'ScriptCollection' && called.includes(id))
  }
  return bundles
    .filter(({ type }) => type === 'IntegrationFlow')
    .map((flow) => inferCapabilities(flow, catalog, collectionsFor(flow)))
}

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
    const words = manifests.map(({ flowId, capabilities }) => `${flowId}\n\n${tableOf(capabilities)}`)
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
        `Added\n${tableOf(added)}`,
        `Removed\n${tableOf(removed)}`,
      ].join('\n\n'),
    )
    output.result(found, words.join('\n\n\n'))
    return found.some(({ growth }) => growth.length > 0) ? 1 : 0
  },
})
