import type { GrantKind } from './grants.ts'

export type CapabilityKind =
  | GrantKind
  | CalledKind
  /** A script collection that steps call: it brings its own manifest. */
  | 'scriptCollection'
  /** That scripts get to see secret values at all. */
  | 'secretReading'

/** What scripts call by a name, beside credentials and keys. A `host` is where they call to: `host:port`. */
export type CalledKind = 'partnerDirectory' | 'valueMapping' | 'numberRange' | 'host'

/** The name under which all questions to the partner directory stand that do not ask for a parameter. */
export const partnersName = '(partners)'

/** The name of a value mapping: from where to where. */
export const valueMappingName = (
  source: { readonly agency: string; readonly schema: string },
  target: { readonly agency: string; readonly schema: string },
): string => `${source.agency}/${source.schema} > ${target.agency}/${target.schema}`

/** One thing that a flow may use. */
export interface Capability {
  readonly kind: CapabilityKind
  /** `*` where it is drawn when a message runs; '' where the kind needs no name. */
  readonly name: string
  /** `model`: a step or channel uses it unseen; `script`: a script has it in its hands. */
  readonly basis: 'model' | 'script'
  /** Id of the channel or step, or `file:line`. */
  readonly where: string
}
