import type { ParsedCertificate } from './certificate.ts'
import { anyPolicy } from './extensions.ts'

/**
 * Whether the policies along a path fit together (RFC 5280, 6.1, with every policy acceptable to us). Only the deepest
 * level of the valid policy tree is kept, one node for each policy: whether it is empty is all that counts, and a whole
 * tree can grow beyond bounds (RFC 9618).
 *
 * @param path from below the anchor down to the leaf
 * @returns what is wrong, or undefined
 */
export function policyBreach(path: readonly ParsedCertificate[]): string | undefined {
  /** A valid policy with the policies expected one level below. */
  let level: ReadonlyMap<string, ReadonlySet<string>> = new Map([[anyPolicy, new Set([anyPolicy])]])
  let explicit = path.length + 1
  let mapping = path.length + 1
  let inhibitAny = path.length + 1

  for (const [at, certificate] of path.entries()) {
    const last = at === path.length - 1
    level = nextLevel(level, certificate.policies, inhibitAny > 0 || (!last && certificate.selfIssued))
    const { policyMappings, policyConstraints, inhibitAnyPolicy } = certificate
    if (last) {
      if (policyConstraints?.requireExplicitPolicy === 0) explicit = 0
      else explicit--
      break
    }
    if (policyMappings.flat().includes(anyPolicy)) return 'a policy is mapped from or to any policy'
    level = mapped(level, policyMappings, mapping > 0)
    if (!certificate.selfIssued) {
      explicit--
      mapping--
      inhibitAny--
    }
    explicit = Math.min(explicit, policyConstraints?.requireExplicitPolicy ?? explicit)
    mapping = Math.min(mapping, policyConstraints?.inhibitPolicyMapping ?? mapping)
    inhibitAny = Math.min(inhibitAny, inhibitAnyPolicy ?? inhibitAny)
  }
  // A level that is empty once stays so, and `explicit` only falls: to look at the end is enough.
  return explicit <= 0 && level.size === 0 ? 'a policy is required and it has none that is valid' : undefined
}

/** 6.1.3, d and e. */
function nextLevel(
  level: ReadonlyMap<string, ReadonlySet<string>>,
  policies: readonly string[] | undefined,
  anyCounts: boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<string, ReadonlySet<string>>()
  const expected = new Set([...level.values()].flatMap((set) => [...set]))
  for (const policy of policies ?? [])
    if (policy !== anyPolicy && (expected.has(policy) || level.has(anyPolicy))) next.set(policy, new Set([policy]))
  if (anyCounts && policies?.includes(anyPolicy))
    for (const policy of expected) if (!next.has(policy)) next.set(policy, new Set([policy]))
  return next
}

/** 6.1.4, b. */
function mapped(
  level: ReadonlyMap<string, ReadonlySet<string>>,
  mappings: ParsedCertificate['policyMappings'],
  allowed: boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  if (mappings.length === 0) return level
  const next = new Map(level)
  const targets = new Map<string, Set<string>>()
  for (const [from, to] of mappings) targets.set(from, (targets.get(from) ?? new Set()).add(to))
  for (const [from, to] of targets) {
    if (!allowed) next.delete(from)
    else if (level.has(from) || level.has(anyPolicy)) next.set(from, to)
  }
  return next
}
