import {
  allows,
  anyAlias,
  type Bundle,
  type CalledKind,
  type Capability,
  type Catalog,
  collectionsOf,
  effectiveGrants,
  type ExtraGrants,
  type FlowFacts,
  type Grant,
  type GrantKind,
  inferCapabilities,
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
  /** Whether its scripts may call this: what was not seen when the flow was deployed is not in its manifest. */
  readonly mayCall: (flow: FlowFacts, called: Called) => boolean
}

/** What a script calls by a name, beside credentials and keys. */
export interface Called {
  readonly kind: CalledKind
  readonly name: string
}

interface Version {
  readonly bundle: Bundle
  readonly by: string
  readonly at: number
  readonly collectionIds: readonly string[]
  /** Grants as they were inferred with these script collections. */
  inferred:
    | {
        readonly collections: readonly Bundle[]
        readonly grants: readonly Grant[]
        /** Keys of what scripts may call. */
        readonly called: ReadonlySet<string>
      }
    | undefined
}

const nothingExtra: ExtraGrants = { added: [], removed: [] }
const nothingInferred = { grants: [], called: new Set<string>() }

const keyOf = ({ kind, name }: Pick<Capability, 'kind' | 'name'>): string => `${kind} ${name}`

/** Infers what each flow may use from what is deployed: what is inferred is granted, unless a person took it away. */
export function createGrants(given: {
  readonly catalog: Catalog
  readonly collection: (id: string) => Bundle | undefined
  readonly extraGrants: ((flowId: string) => ExtraGrants) | undefined
}): Grants {
  const versions = new WeakMap<FlowFacts, Version>()
  const extra = (flow: FlowFacts): ExtraGrants => given.extraGrants?.(flow.id) ?? nothingExtra

  /** Inferred anew when a script collection that the flow calls is another than before. */
  function inferred(flow: FlowFacts): Pick<NonNullable<Version['inferred']>, 'grants' | 'called'> {
    const version = versions.get(flow)
    if (version === undefined) return nothingInferred
    const collections = version.collectionIds.map(given.collection).filter((bundle) => bundle !== undefined)
    const before = version.inferred
    const same = before?.collections.length === collections.length
    if (before !== undefined && same && collections.every((one, index) => one === before.collections[index]))
      return before
    const { bundle, by, at } = version
    const grants = inferGrants(bundle, given.catalog, collections).map((grant) => ({ ...grant, by, at }))
    const { capabilities } = inferCapabilities(bundle, given.catalog, collections)
    version.inferred = { collections, grants, called: new Set(capabilities.map(keyOf)) }
    return version.inferred
  }

  return {
    add: (flow, bundle, { deployedBy: by, deployedAt: at }) =>
      void versions.set(flow, { bundle, by, at, collectionIds: collectionsOf(bundle), inferred: undefined }),
    of: (flow) => effectiveGrants(inferred(flow).grants, extra(flow)),
    mayHave(flow, wanted) {
      const changed = extra(flow)
      const { kind, alias, implied } = wanted
      if (implied) return !changed.removed.some((gone) => gone.kind === kind && gone.alias === alias)
      return allows(effectiveGrants(inferred(flow).grants, changed), changed.removed, wanted)
    },
    mayCall(flow, { kind, name }) {
      const { called } = inferred(flow)
      return called.has(keyOf({ kind, name })) || called.has(keyOf({ kind, name: anyAlias }))
    },
  }
}
