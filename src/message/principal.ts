/** As much of the caller as tells it from every other object; what else it holds is read by name. */
interface PrincipalFacts {
  readonly method: string
  readonly name: string
  readonly subject: string
}

/**
 * Whether a value is the caller as the property `principal` holds it. Only the runtime brings such an object into a
 * message: what flows and scripts make is text, a list or a map.
 */
export const isPrincipal = (value: unknown): value is PrincipalFacts =>
  typeof value === 'object' &&
  value !== null &&
  'method' in value &&
  'subject' in value &&
  'attributes' in value &&
  'groups' in value

/** The text of a value that has no form of its own here; of a principal it is the name. */
export const plainText = (value: unknown): string => (isPrincipal(value) ? value.name : String(value))
