import { collectionsOf } from './grants.ts'
import type { Bundle } from './model.ts'
import { readBundle } from './read-bundle.ts'

/** What is deployed, as far as reading the flows needs it. */
export interface DeployedBundles {
  readonly list: () => Promise<
    readonly {
      readonly artifactId: string
      readonly type: Bundle['type']
      readonly generation: number
      readonly status: string
    }[]
  >
  readonly content: (artifactId: string) => Promise<Buffer | undefined>
  /** The content of the version that started last: it goes on where a later one did not start. */
  readonly startedContent: (artifactId: string) => Promise<Buffer | undefined>
}

/**
 * Answers what there is to find in the flows that are deployed, by flow. Each deployment is read once; two findings
 * with the same key are one. A bundle that cannot be read does not run, and so has nothing.
 */
export function createDeployedFlows<Found>(given: {
  readonly deployments: DeployedBundles
  readonly find: (flow: Bundle, collections: readonly Bundle[]) => readonly Found[]
  readonly keyOf: (found: Found) => string
}): () => Promise<ReadonlyMap<string, readonly Found[]>> {
  const { deployments, find, keyOf } = given
  /** By flow with its generation and those of all script collections. Bundles themselves are large, and not kept. */
  let known = new Map<string, readonly Found[]>()

  const read = async (content: Buffer | undefined): Promise<Bundle | undefined> =>
    content && readBundle(content).catch(() => undefined)

  async function foundIn(content: Buffer | undefined): Promise<readonly Found[]> {
    const flow = await read(content)
    if (flow === undefined) return []
    const collections: Bundle[] = []
    for (const id of collectionsOf(flow)) {
      const collection = await read(await deployments.content(id))
      if (collection !== undefined) collections.push(collection)
    }
    return find(flow, collections)
  }

  async function foundNow(id: string, status: string): Promise<readonly Found[]> {
    const wanted = await foundIn(await deployments.content(id))
    if (status === 'STARTED') return wanted
    const keys = new Set(wanted.map(keyOf))
    const running = await foundIn(await deployments.startedContent(id))
    return [...wanted, ...running.filter((found) => !keys.has(keyOf(found)))]
  }

  return async () => {
    const deployed = await deployments.list()
    const scripts = deployed.filter(({ type }) => type === 'ScriptCollection').map(({ generation }) => generation)
    const next = new Map<string, readonly Found[]>()
    const byFlow = new Map<string, readonly Found[]>()
    for (const { artifactId, type, generation, status } of deployed) {
      if (type !== 'IntegrationFlow') continue
      const key = JSON.stringify([artifactId, generation, status, scripts])
      const found = known.get(key) ?? (await foundNow(artifactId, status))
      next.set(key, found)
      byFlow.set(artifactId, found)
    }
    known = next
    return byFlow
  }
}
