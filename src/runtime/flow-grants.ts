import {
  allows,
  type Bundle,
  type Catalog,
  collectionsOf,
  effectiveGrants,
  type ExtraGrants,
  type FlowFacts,
  type Grant,
  type GrantKind,
  inferGrants,
  type SecretUse,
} from '../flow/index.ts'

/** A secret that somebody wants to have for a flow. */
export interface Wanted {
  readonly kind: GrantKind
  readonly alias: string
  readonly use: SecretUse
  /** True where the model asks for it without naming it: only a person can have taken it away. */
  readonly implied?: true
}

/** The grants of all versions of flows that run or still end their messages. */
export interface Grants {
  /** Remembers a version of a flow as long as its facts are in use. */
  readonly add: (
    flow: FlowFacts,
    bundle: Bundle,
    deployed: { readonly deployedBy: string; readonly deployedAt: number },
  ) => void
  readonly of: (flow: FlowFacts) => readonly Grant[]
  readonly mayHave: (flow: FlowFacts, wanted: Wanted) => boolean
}

interface Version {
  readonly bundle: Bundle
  readonly by: string
  readonly at: number
  readonly collectionIds: readonly string[]
  /** Grants as they were inferred with these script collections. */
  inferred: { readonly collections: readonly Bundle[]; readonly grants: readonly Grant[] } | undefined
}

const nothingExtra: ExtraGrants = { added: [], removed: [] }

/** Infers what each flow may use from what is deployed: what is inferred is granted, unless a person took it away. */
export function createGrants(given: {
  readonly catalog: Catalog
  readonly collection: (id: string) => Bundle | undefined
  readonly extraGrants: ((flowId: string) => ExtraGrants) | undefined
}): Grants {
  const versions = new WeakMap<FlowFacts, Version>()
  const extra = (flow: FlowFacts): ExtraGrants => given.extraGrants?.(flow.id) ?? nothingExtra

  /** Inferred anew when a script collection that the flow calls is another than before. */
  function inferred(flow: FlowFacts): readonly Grant[] {
    const version = versions.get(flow)
    if (version === undefined) return []
    const collections = version.collectionIds.map(given.collection).filter((bundle) => bundle !== undefined)
    const before = version.inferred
    const same = before?.collections.length === collections.length
    if (before !== undefined && same && collections.every((one, index) => one === before.collections[index]))
      return before.grants
    const { bundle, by, at } = version
    const grants = inferGrants(bundle, given.catalog, collections).map((grant) => ({ ...grant, by, at }))
    version.inferred = { collections, grants }
    return grants
  }

  return {
    add: (flow, bundle, { deployedBy: by, deployedAt: at }) =>
      void versions.set(flow, { bundle, by, at, collectionIds: collectionsOf(bundle), inferred: undefined }),
    of: (flow) => effectiveGrants(inferred(flow), extra(flow)),
    mayHave(flow, wanted) {
      const changed = extra(flow)
      const { kind, alias, implied } = wanted
      if (implied) return !changed.removed.some((gone) => gone.kind === kind && gone.alias === alias)
      return allows(effectiveGrants(inferred(flow), changed), changed.removed, wanted)
    },
  }
}
