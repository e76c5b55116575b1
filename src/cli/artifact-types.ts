import type { BundleType } from '../flow/index.ts'

/** The order in which artifacts are deployed: what others use comes first. */
export const deployOrder: readonly BundleType[] = [
  'ScriptCollection',
  'ValueMapping',
  'MessageMapping',
  'IntegrationFlow',
]

const prefixes: Readonly<Record<BundleType, string>> = {
  IntegrationFlow: 'Integration',
  MessageMapping: 'MessageMapping',
  ScriptCollection: 'ScriptCollection',
  ValueMapping: 'ValueMapping',
}

/** Entity set of the artifacts of a type in the design time. */
export const designSet = (type: BundleType): string => `${prefixes[type]}DesigntimeArtifacts`

/** Function import that deploys an artifact of a type. */
export const deployFunction = (type: BundleType): string => `Deploy${prefixes[type]}DesigntimeArtifact`
