import type { Catalog } from './support.ts'
import { withSubprocess } from './check-structure.ts'
import type { Bundle } from './model.ts'
import { resolveModel } from './resolve-model.ts'
import { propertyConstants } from './property-constants.ts'
import { readScriptAliases, scriptsMayWrite } from './script-aliases.ts'

/**
 * `credential`: the secure store; `key`: the keystore, certificates included; `impersonation`: to say for which user a
 * credential or key speaks at a receiver, which only a person grants.
 */
export type GrantKind = 'credential' | 'key' | 'impersonation'

/** That a flow may use a secret; kept with its deployment (gap U25 of security 14.2). */
export interface Grant {
  readonly flowId: string
  readonly kind: GrantKind
  /** `*` where the alias is drawn when a message runs: it stands for every alias. */
  readonly alias: string
  /** What asks for it: a channel or step, which use it unseen; a script, which reads it; or a person, for both. */
  readonly basis: 'model' | 'script' | 'administrator'
  /** Id of the channel or step, or `file:line` of the script; of a person's grant the reason. */
  readonly where: string
  /** Who deployed the flow, or gave the grant, and when in milliseconds since 1970. */
  readonly by: string
  readonly at: number
}

export type InferredGrant = Omit<Grant, 'by' | 'at'>

/** A grant as a person takes it away, inferred or not; `*` takes away only that for every alias. */
export type RemovedGrant = Pick<Grant, 'kind' | 'alias'>

/** What a person changed in the grants of a flow. */
export interface ExtraGrants {
  readonly added: readonly Grant[]
  readonly removed: readonly RemovedGrant[]
}

export const anyAlias = '*'

/** Who wants a secret: an adapter or step, which uses it, or a script, which reads it. */
export type SecretUse = 'use' | 'read'

/**
 * The grants that a flow asks for: what its fields of the kind alias name, and what its scripts name, read without
 * running them. Scripts of other bundles that it calls are `collections`.
 */
export function inferGrants(
  bundle: Bundle,
  catalog: Catalog,
  collections: readonly Bundle[] = [],
): readonly InferredGrant[] {
  const found = new Map<string, InferredGrant>()
  const scripts = [bundle, ...collections]
  for (const one of [...modelGrants(bundle, catalog), ...scripts.flatMap((of) => scriptGrants(of, bundle, scripts))]) {
    const key = `${one.kind} ${one.basis} ${one.alias}`
    // The first place is enough to show.
    if (!found.has(key)) found.set(key, one)
  }
  return [...found.values()]
}

/** Ids of the script collections that steps of the flow call. */
export function collectionsOf(bundle: Bundle): readonly string[] {
  if (bundle.model === undefined) return []
  const { model } = resolveModel(bundle)
  const elements = model.processes.flatMap(withSubprocess).flatMap((process) => process.elements)
  return [...new Set(elements.map(({ properties }) => properties.get('scriptBundleId') ?? '').filter(Boolean))]
}

function modelGrants(bundle: Bundle, catalog: Catalog): readonly InferredGrant[] {
  if (bundle.model === undefined) return []
  const { model } = resolveModel(bundle)
  const elements = model.processes.flatMap(withSubprocess).flatMap((process) => process.elements)
  const parts = [
    ...model.channels.map((channel) => {
      const candidates = channel.direction === 'Sender' ? catalog.senders : catalog.receivers
      return { part: channel, declared: candidates.find((candidate) => candidate.answers(channel)) }
    }),
    ...elements.map((element) => {
      const candidates = element.tag === 'startEvent' ? catalog.senders : catalog.steps
      return { part: element, declared: candidates.find((candidate) => candidate.answers(element)) }
    }),
  ]
  return parts.flatMap(({ part: { id, properties }, declared }) =>
    Object.entries(declared?.fields ?? {}).flatMap(([name, field]): InferredGrant[] => {
      const value = (properties.get(name) ?? field.fallback ?? '').trim()
      if (field.control !== 'alias' || value === '') return []
      const kind = field.kind === 'credential-alias' ? 'credential' : 'key'
      return [{ flowId: bundle.id, kind, alias: value.includes('${') ? anyAlias : value, basis: 'model', where: id }]
    }),
  )
}

/** Of scripts of the flow itself or of a collection that it calls. */
function scriptGrants(scripts: Bundle, flow: Bundle, all: readonly Bundle[]): readonly InferredGrant[] {
  const constants = flow.model === undefined ? () => undefined : propertyConstants(resolveModel(flow).model)
  const valuesOf = (property: string): readonly string[] | undefined =>
    all.some((bundle) => scriptsMayWrite(bundle, property)) ? undefined : constants(property)
  return readScriptAliases(scripts).flatMap(({ kind, alias, property, file, line }) => {
    const place = `${file}:${line}`
    const where = scripts.id === flow.id ? place : `${scripts.id}/${place}`
    const aliases = alias !== undefined ? [alias] : (property !== undefined && valuesOf(property)) || [anyAlias]
    return aliases.map((one): InferredGrant => ({ flowId: flow.id, kind, alias: one, basis: 'script', where }))
  })
}

/** Inferred grants with what a person added, without what a person took away. */
export const effectiveGrants = (inferred: readonly Grant[], { added, removed }: ExtraGrants): readonly Grant[] => [
  ...inferred.filter(({ kind, alias }) => !removed.some((gone) => gone.kind === kind && gone.alias === alias)),
  ...added,
]

/** True where a grant lets the flow have the alias in this way. What a person took away by name, `*` does not give back. */
export function allows(
  grants: readonly Grant[],
  removed: readonly RemovedGrant[],
  wanted: { readonly kind: GrantKind; readonly alias: string; readonly use: SecretUse },
): boolean {
  const fitting = grants.filter(
    ({ kind, basis }) => kind === wanted.kind && (wanted.use === 'use' || basis !== 'model'),
  )
  if (fitting.some(({ alias }) => alias === wanted.alias)) return true
  const takenAway = removed.some(({ kind, alias }) => kind === wanted.kind && alias === wanted.alias)
  return !takenAway && fitting.some(({ alias }) => alias === anyAlias)
}
