/** A sealed value at its place. */
export interface SealedValue {
  readonly store: string
  readonly kind: string
  readonly id: string
  /** What is bound in. Undefined when the record around it cannot be read. */
  readonly context: string | undefined
  readonly sealed: string
}

/** A value with what takes its place. */
export interface ResealedValue<Value extends SealedValue = SealedValue> {
  readonly value: Value
  readonly next: string
}

/** All sealed values of a kind, wherever they are kept. */
export interface SealedValues {
  readonly store: string
  /** In pages; values that begin with `without` are left out, none when it is empty. */
  readonly pages: (without: string) => AsyncIterable<readonly SealedValue[]>
  /** Writes those whose value is still the one that was read; returns how many. */
  readonly replace: (changes: readonly ResealedValue[]) => Promise<number>
}
