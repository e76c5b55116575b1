import { withSubprocess } from './check-structure.ts'
import { anyAlias, collectionsOf, type GrantKind, type InferredGrant, inferGrants } from './grants.ts'
import type { Bundle } from './model.ts'
import { readBundle } from './read-bundle.ts'
import type { Catalog } from './support.ts'

/** What is deployed, as far as where-used needs it. */
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

/** A use of an alias by a flow, in words. */
export interface AliasUse {
  readonly kind: GrantKind
  readonly alias: string
  /** `flow Orders, channel HTTP receiver` */
  readonly words: string
}

/** Every alias that a flow names in its model and its scripts. What is drawn when a message runs names nothing. */
export const aliasesOf = (bundle: Bundle, catalog: Catalog, collections: readonly Bundle[] = []): readonly AliasUse[] =>
  inferGrants(bundle, catalog, collections)
    .filter(({ alias }) => alias !== anyAlias)
    .map((grant) => ({
      kind: grant.kind,
      alias: grant.alias,
      words: `flow ${bundle.id}, ${placeWordsOf(bundle, grant)}`,
    }))

function placeWordsOf({ model }: Bundle, { basis, where }: InferredGrant): string {
  if (basis === 'script') return `script ${where}`
  const channel = model?.channels.find(({ id }) => id === where)
  if (channel !== undefined)
    return `channel ${channel.name || where} (${channel.adapter} ${channel.direction.toLowerCase()})`
  const elements = model?.processes.flatMap(withSubprocess).flatMap((process) => process.elements) ?? []
  return `step ${elements.find(({ id }) => id === where)?.name || where}`
}

/**
 * Answers where an alias is used, over all flows that are deployed. Each deployment is read once. A bundle that cannot
 * be read does not run, and so uses nothing.
 */
export function createWhereUsed(given: {
  readonly deployments: DeployedBundles
  readonly catalog: Catalog
}): (kind: GrantKind, alias: string) => Promise<readonly string[]> {
  const { deployments, catalog } = given
  /** By flow with its generation and those of all script collections. Bundles themselves are large, and not kept. */
  let known = new Map<string, readonly AliasUse[]>()

  const read = async (content: Buffer | undefined): Promise<Bundle | undefined> =>
    content && readBundle(content).catch(() => undefined)

  async function usesOf(content: Buffer | undefined): Promise<readonly AliasUse[]> {
    const flow = await read(content)
    if (flow === undefined) return []
    const collections: Bundle[] = []
    for (const id of collectionsOf(flow)) {
      const collection = await read(await deployments.content(id))
      if (collection !== undefined) collections.push(collection)
    }
    return aliasesOf(flow, catalog, collections)
  }

  async function usesNow(id: string, status: string): Promise<readonly AliasUse[]> {
    const wanted = await usesOf(await deployments.content(id))
    if (status === 'STARTED') return wanted
    const running = await usesOf(await deployments.startedContent(id))
    return [
      ...wanted,
      ...running.filter((use) => !wanted.some(({ words, alias }) => words === use.words && alias === use.alias)),
    ]
  }

  async function uses(): Promise<readonly AliasUse[]> {
    const deployed = await deployments.list()
    const scripts = deployed.filter(({ type }) => type === 'ScriptCollection').map(({ generation }) => generation)
    const next = new Map<string, readonly AliasUse[]>()
    for (const { artifactId, type, generation, status } of deployed) {
      if (type !== 'IntegrationFlow') continue
      const key = JSON.stringify([artifactId, generation, status, scripts])
      next.set(key, known.get(key) ?? (await usesNow(artifactId, status)))
    }
    known = next
    return [...next.values()].flat()
  }

  return async (kind, alias) =>
    (await uses()).filter((use) => use.kind === kind && use.alias === alias).map(({ words }) => words)
}
