import { withSubprocess } from './check-structure.ts'
import { createDeployedFlows, type DeployedBundles } from './deployed-flows.ts'
import { anyAlias, type GrantKind, type InferredGrant, inferGrants } from './grants.ts'
import type { Bundle } from './model.ts'
import type { Catalog } from './support.ts'

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

/** Answers where an alias is used, over all flows that are deployed. */
export function createWhereUsed(given: {
  readonly deployments: DeployedBundles
  readonly catalog: Catalog
}): (kind: GrantKind, alias: string) => Promise<readonly string[]> {
  const { deployments, catalog } = given
  const uses = createDeployedFlows({
    deployments,
    find: (flow, collections) => aliasesOf(flow, catalog, collections),
    keyOf: ({ words, alias }) => JSON.stringify([words, alias]),
  })
  return async (kind, alias) =>
    [...(await uses()).values()]
      .flat()
      .filter((use) => use.kind === kind && use.alias === alias)
      .map(({ words }) => words)
}
