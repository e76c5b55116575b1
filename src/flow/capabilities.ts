import { createHash } from 'node:crypto'

import { scriptCapabilities } from './capabilities-of-scripts.ts'
import type { Capability } from './capability.ts'
import { anyAlias, collectionsOf, inferGrants } from './grants.ts'
import type { Bundle } from './model.ts'
import type { Catalog } from './support.ts'

/** What a flow may use, inferred from its model and scripts; kept with its deployment. */
export interface CapabilityManifest {
  readonly flowId: string
  readonly capabilities: readonly Capability[]
}

/** How a tenant treats flows that want more than before. */
export type CapabilityPolicy = 'allow' | 'approval' | 'fourEyes'

/** That a person has agreed to a manifest. */
export interface CapabilityApproval {
  /** `fingerprintOf` the manifest that was shown. */
  readonly fingerprint: string
  readonly by: string
  readonly at: number
}

export interface CapabilityDifference {
  readonly added: readonly Capability[]
  readonly removed: readonly Capability[]
}

export type CapabilityDecision =
  | { readonly allowed: true; readonly approvedBy: readonly string[] }
  | { readonly allowed: false; readonly wanting: 'approval' | 'secondPerson'; readonly growth: readonly Capability[] }

const keyOf = ({ kind, name, basis }: Capability): string => JSON.stringify([kind, basis, name])

/**
 * Reads what a flow, or a script collection, may use. The scripts of `collections` that it calls count as its own;
 * without them it has a manifest that changes with nothing but itself, as it is approved.
 */
export function inferCapabilities(
  bundle: Bundle,
  catalog: Catalog,
  collections: readonly Bundle[] = [],
): CapabilityManifest {
  const granted = inferGrants(bundle, catalog, collections).map(
    ({ kind, alias, basis, where }): Capability => ({
      kind,
      name: alias,
      basis: basis === 'model' ? 'model' : 'script',
      where,
    }),
  )
  const read = granted.find(({ basis }) => basis === 'script')
  const found = new Map<string, Capability>()
  for (const one of [
    ...granted,
    ...collectionsOf(bundle).map((name): Capability => ({ kind: 'scriptCollection', name, basis: 'model', where: '' })),
    ...(read === undefined ? [] : [{ ...read, kind: 'secretReading' as const, name: '' }]),
    ...[bundle, ...collections].flatMap((scripts) => scriptCapabilities(scripts, bundle.id)),
  ])
    if (!found.has(keyOf(one))) found.set(keyOf(one), one)
  const capabilities = [...found.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return { flowId: bundle.id, capabilities }
}

/** What is new and what is gone, by kind and name; nothing before counts as a manifest without capabilities. */
export function capabilityDifference(
  before: CapabilityManifest | undefined,
  after: CapabilityManifest,
): CapabilityDifference {
  const [old, now] = [before?.capabilities ?? [], after.capabilities]
  const [had, has] = [new Set(old.map(keyOf)), new Set(now.map(keyOf))]
  return { added: now.filter((one) => !had.has(keyOf(one))), removed: old.filter((one) => !has.has(keyOf(one))) }
}

/** What is new and was not covered: neither by `*`, nor by a script that had in its hands what is now used unseen. */
export function capabilityGrowth(
  before: CapabilityManifest | undefined,
  after: CapabilityManifest,
): readonly Capability[] {
  const old = before?.capabilities ?? []
  return capabilityDifference(before, after).added.filter(
    (wanted) =>
      !old.some(
        ({ kind, name, basis }) =>
          kind === wanted.kind &&
          (name === wanted.name || name === anyAlias) &&
          (basis === wanted.basis || basis === 'script'),
      ),
  )
}

/** The same for manifests with the same capabilities, wherever in the flow they come from. */
export const fingerprintOf = ({ flowId, capabilities }: CapabilityManifest): string =>
  createHash('sha256')
    .update(JSON.stringify([flowId, ...capabilities.map(keyOf).sort()]))
    .digest('base64url')

/**
 * Whether a version may be deployed. Approvals of another manifest count for nothing, and under `fourEyes` neither do
 * those of the person who deploys. Whether a person may approve is asked when he does.
 */
export function decideCapabilities(given: {
  readonly policy: CapabilityPolicy
  readonly before: CapabilityManifest | undefined
  readonly after: CapabilityManifest
  readonly deployedBy: string
  readonly approvals: readonly CapabilityApproval[]
}): CapabilityDecision {
  const { policy, before, after, deployedBy, approvals } = given
  const growth = capabilityGrowth(before, after)
  if (policy === 'allow' || growth.length === 0) return { allowed: true, approvedBy: [] }
  const fingerprint = fingerprintOf(after)
  const people = approvals.filter((one) => one.fingerprint === fingerprint).map(({ by }) => by)
  const counting = [...new Set(policy === 'fourEyes' ? people.filter((by) => !samePerson(by, deployedBy)) : people)]
  if (counting.length > 0) return { allowed: true, approvedBy: counting }
  return { allowed: false, wanting: policy === 'fourEyes' && people.length > 0 ? 'secondPerson' : 'approval', growth }
}

/** Names of users are the same in any case. */
export const samePerson = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** `credential ERP (script, a.groovy:3)`: a capability for people. */
export function capabilityWords({ kind, name, basis, where }: Capability): string {
  const named = [kind, name === anyAlias ? 'any' : name].filter(Boolean).join(' ')
  return `${named} (${[basis, where].filter(Boolean).join(', ')})`
}
